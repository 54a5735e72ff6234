/** Ranks as real processes: many of them, one that dies, hangs, fails or never comes, and a host that is gone. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { newestValid } from '../../core/checkpoints/index.ts'
import { client, type RunSummary, type WorkbenchContract } from '../../core/contract/index.ts'
import { createHost, type Host } from '../../main/host.ts'
import { withoutTorch } from '../backend/torchAddon.ts'
import { failureOf, freePort, startRank, until, type RankProcess } from './rankProcesses.ts'
import { killHost } from './scenarios.ts'
import { tinyConfig, tinyOrder, tinyPlace, type TinyPlace } from './tinyRun.ts'

const skip = withoutTorch
let place: TinyPlace
before(async () => {
  place = await tinyPlace({ train: 66, val: 9 })
  // Where ranks meet, and nobody else's.
  process.env['TMPDIR'] = join(place.folder, 'tmp')
  await mkdir(process.env['TMPDIR'])
})
after(() => place.remove())

/** So long that whatever is to happen happens meanwhile. */
const endless = {
  'training.epochs': 5000,
  'training.evaluateEveryEpochs': 1000,
  'training.logEverySteps': 1000,
  'checkpoints.everyEpochs': 1000,
  'checkpoints.everySteps': 0,
}
const torch = { backend: 'torch', 'training.batchSize': 8 }

/** Processes of this host that train a run. */
function trainersOf(runId: string): { readonly pid: number; readonly rank: number }[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => {
      try {
        if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(`multigrain-trainer ${runId}`)) return []
        // Other hosts of this machine may have a run of the same id.
        if (!readFileSync(`/proc/${pid}/status`, 'utf8').includes(`PPid:\t${process.pid}\n`)) return []
        const rank = /(?:^|\0)RANK=(\d+)/.exec(readFileSync(`/proc/${pid}/environ`, 'utf8'))?.[1]
        return [{ pid: Number(pid), rank: Number(rank ?? -1) }]
      } catch {
        return [] // it has just ended
      }
    })
}

function meetings(): string[] {
  return readdirSync(tmpdir()).filter(name => /^multigrain-ranks-.{6}$/.test(name))
}

interface Bench {
  readonly host: Host
  readonly call: ReturnType<typeof client<WorkbenchContract>>
  addRun(changes: Readonly<Record<string, unknown>>): Promise<string>
  status(id: string, ...statuses: RunSummary['status'][]): Promise<RunSummary>
}

/** A host with real trainers and workers. */
async function startBench(t: TestContext, strayRankMs = 1000): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'multigrain-ranks-test-'))
  const limits = { strayRankMs, idleWorkerMs: 100 }
  const host = await createHost({ dataFolder: folder, shell: 'web', withSample: false, limits })
  t.after(async () => {
    await host.close()
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  })
  const call = client<WorkbenchContract>(host.link)
  await mkdir(join(folder, 'none'), { recursive: true })
  const { id: datasetId } = await call.datasets.add({ path: place.dataset.path })
  const ready = async (): Promise<boolean> =>
    (await call.datasets.get({ id: datasetId })).status !== 'scanning'
  while (!(await ready())) await new Promise(resolve => setTimeout(resolve, 20))
  return {
    ...{ host, call },
    addRun: async changes =>
      (await call.runs.create({ datasetId, config: tinyConfig({ ...torch, ...changes }) })).id,
    status: async (id, ...statuses) => {
      const deadline = performance.now() + 90_000
      for (;;) {
        const run = await call.runs.get({ id })
        if (statuses.includes(run.status)) return run
        assert.ok(performance.now() < deadline, `still ${run.status}: ${run.error?.message ?? ''}`)
        await new Promise(resolve => setTimeout(resolve, 20))
      }
    },
  }
}

describe('ranks of a run in the workbench', { skip }, () => {
  it('train to the end, eight of them on two cores, and report as one', async t => {
    const meetingsBefore = meetings()
    const bench = await startBench(t)
    const id = await bench.addRun({ 'training.ranks': 8, 'training.epochs': 1 })
    const run = await bench.status(id, 'finished', 'failed', 'interrupted')
    assert.equal(run.status, 'finished', run.error?.message)
    assert.deepEqual([run.step, run.backend], [8, 'torch'])
    const [curve] = await bench.call.metrics.read({ runId: id, names: ['train/loss'] })
    assert.deepEqual(curve?.step, [1, 2, 3, 4, 5, 6, 7, 8])
    const log = await bench.call.runs.log({ id })
    assert.equal(log.filter(line => line.text.startsWith('8 ranks, connected by gloo')).length, 1)
    assert.deepEqual(trainersOf(id), [])
    assert.deepEqual(meetings(), meetingsBefore)
  })

  it('are all paused, and go on', async t => {
    const bench = await startBench(t)
    const id = await bench.addRun({ ...endless, 'training.ranks': 2 })
    await until('step', () => trainersOf(id).length === 2)
    await bench.status(id, 'running')
    await bench.call.runs.pause({ id })
    const paused = await bench.status(id, 'paused', 'failed', 'interrupted')
    assert.equal(paused.status, 'paused', paused.error?.message)
    assert.deepEqual(trainersOf(id), [])
    await bench.call.runs.resume({ id })
    await bench.status(id, 'running')
    await bench.call.runs.stop({ id })
    const stopped = await bench.status(id, 'stopped', 'failed', 'interrupted')
    assert.equal(stopped.status, 'stopped', stopped.error?.message)
    assert.ok(stopped.step >= paused.step)
    assert.deepEqual(trainersOf(id), [])
  })

  it('save and end when one of them is killed, and the run can be resumed', async t => {
    const bench = await startBench(t)
    const id = await bench.addRun({ ...endless, 'training.ranks': 2 })
    await untilTrains(bench, id)
    process.kill(trainersOf(id).find(each => each.rank === 1)!.pid, 'SIGKILL')
    const run = await bench.status(id, 'failed', 'interrupted')
    assert.equal(run.status, 'interrupted')
    assert.match(run.error!.message, /The trainer of rank 1 was killed from outside \(SIGKILL\)/)
    assert.deepEqual(trainersOf(id), [])
    const newest = await newestValid(join(bench.host.folders.runs, id, 'checkpoints'))
    assert.ok(newest !== null, 'what was trained is lost')
    const { step } = JSON.parse(await readFile(join(newest, 'state.json'), 'utf8')) as { step: number }
    assert.ok(step > 0)
    await bench.call.runs.resume({ id })
    await bench.status(id, 'running')
    const { attempts } = await bench.call.runs.get({ id })
    await bench.call.runs.stop({ id })
    await bench.status(id, 'stopped')
    assert.ok(attempts.length === 2)
  })

  it('end when the first one is killed', async t => {
    const bench = await startBench(t)
    const id = await bench.addRun({ ...endless, 'training.ranks': 2 })
    await untilTrains(bench, id)
    process.kill(trainersOf(id).find(each => each.rank === 0)!.pid, 'SIGKILL')
    const run = await bench.status(id, 'failed', 'interrupted')
    assert.equal(run.status, 'interrupted')
    assert.match(run.error!.message, /The trainer of rank 0 was killed from outside/)
    assert.deepEqual(trainersOf(id), [])
  })

  it('name the one that hangs, once the time of an operation is over, and end', async t => {
    process.env['MULTIGRAIN_COLLECTIVE_SECONDS'] = '6'
    t.after(() => delete process.env['MULTIGRAIN_COLLECTIVE_SECONDS'])
    const bench = await startBench(t)
    const id = await bench.addRun({ ...endless, 'training.ranks': 3, 'training.batchSize': 9 })
    await untilTrains(bench, id)
    process.kill(trainersOf(id).find(each => each.rank === 2)!.pid, 'SIGSTOP')
    const run = await bench.status(id, 'failed', 'interrupted')
    assert.equal(run.status, 'interrupted')
    assert.match(run.error!.message, /Rank 2 of 3 is gone or hangs/)
    assert.deepEqual(trainersOf(id), [])
  })

  it('are refused before anything starts where the batch does not part evenly or the backend is another', async t => {
    const bench = await startBench(t)
    await assert.rejects(bench.addRun({ 'training.ranks': 3 }), {
      code: 'invalid-config',
      message: /training\.batchSize: expected a multiple of training\.ranks \(3\).*Use 6 or 9/,
    })
    await assert.rejects(bench.addRun({ 'training.ranks': 2, backend: 'wasm' }), {
      message: /training\.ranks: the backend 'wasm' trains in one process/,
    })
  })
})

async function untilTrains({ call }: Bench, id: string): Promise<void> {
  const deadline = performance.now() + 60_000
  while ((await call.runs.get({ id })).step < 3) {
    assert.ok(performance.now() < deadline, 'it does not train')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

describe('ranks that were started from outside', { skip, concurrency: 2 }, () => {
  async function atPort(): Promise<Record<string, string>> {
    const port = String(await freePort())
    return { MULTIGRAIN_RANKS: 'environment', MASTER_ADDR: '127.0.0.1', MASTER_PORT: port }
  }
  const orderOf = (name: string, changes: Readonly<Record<string, unknown>> = {}) =>
    tinyOrder(place, { ...torch, ...changes }, { folder: join(place.folder, name) })
  const endAll = (ranks: readonly RankProcess[]): Promise<unknown> =>
    Promise.all(ranks.map(rank => rank.ended))

  it('meet at a port and train', async () => {
    const env = await atPort()
    const order = orderOf('port', { 'training.epochs': 1 })
    const ranks = [0, 1].map(rank => startRank(order, rank, 2, env))
    assert.deepEqual(await endAll(ranks), [0, 0], ranks.map(failureOf).join())
  })

  it('say which of them did not come', async () => {
    const env = { ...(await atPort()), MULTIGRAIN_RENDEZVOUS_SECONDS: '8' }
    const order = orderOf('missing')
    const ranks = [0, 2].map(rank => startRank(order, rank, 4, env))
    assert.deepEqual(await endAll(ranks), [1, 1])
    for (const rank of ranks) assert.match(failureOf(rank), /Ranks 1, 3 of 4 did not come .* within 8 s/)
  })

  it('say that the first did not come, which keeps the place where they meet', async () => {
    const env = { ...(await atPort()), MULTIGRAIN_RENDEZVOUS_SECONDS: '1' }
    const rank = startRank(orderOf('no-first'), 1, 2, env)
    assert.equal(await rank.ended, 1)
    assert.match(failureOf(rank), /Rank 0 of 2 did not come within 1 s: nobody listens at 127\.0\.0\.1:\d+/)
  })

  it('are told apart: two that claim to be the same one do not train', async () => {
    const env = { ...(await atPort()), MULTIGRAIN_RENDEZVOUS_SECONDS: '20' }
    const order = orderOf('twice')
    const ranks = [0, 1, 1].map(rank => startRank(order, rank, 3, env))
    assert.deepEqual(await endAll(ranks), [1, 1, 1])
    assert.match(ranks.map(failureOf).join('\n'), /Two processes claim to be rank 1 of 3/)
  })

  it('end with the reason of the one that fails', async () => {
    const env = await atPort()
    const order = orderOf('failing', endless)
    // It finds no data set where the others find one.
    const broken = { ...order, dataset: { ...order.dataset, indexPath: join(place.folder, 'no.index') } }
    const ranks = [startRank(order, 0, 2, env), startRank(broken, 1, 2, env)]
    assert.deepEqual(await endAll(ranks), [1, 1])
    assert.match(failureOf(ranks[0]!), /^Rank 1 of 2 failed: .*no\.index/)
  })

  it('stop together when one of them gets a signal', async () => {
    const env = await atPort()
    const order = orderOf('signal', endless)
    const ranks = [0, 1].map(rank => startRank(order, rank, 2, env))
    await until('point', () => ranks[0]!.messages.some(message => message.type === 'points'))
    ranks[1]!.process.kill('SIGTERM')
    assert.deepEqual(await endAll(ranks), [143, 143])
    assert.ok((await newestValid(join(order.folder, 'checkpoints'))) !== null)
  })
})

it('a host that is killed leaves no rank behind', { skip }, async () => {
  const order = tinyOrder(place, { ...torch, ...endless }, { folder: join(place.folder, 'host-gone') })
  const env = { WORLD_SIZE: '2', MULTIGRAIN_RANKS: join(place.folder, 'meeting') }
  const second = startRank(order, 1, 2, env)
  Object.assign(process.env, { ...env, RANK: '0' })
  try {
    await killHost(order)
  } finally {
    for (const name of ['RANK', ...Object.keys(env)]) delete process.env[name]
  }
  // The one whose host lives ends with the other: they agree.
  assert.equal(await second.ended, 0)
})

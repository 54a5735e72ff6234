import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test, type TestContext } from 'node:test'
import { createMemory } from '../../../core/training/unheard.ts'
import { behaviours } from './behaviours.ts'
import { startBench, temporaryFolder, waitFor } from './fixture.ts'

/** A host in a process of its own with a run that trains. @returns the run, and an end by SIGKILL. */
async function hostToKill(
  t: TestContext,
  folder: string,
): Promise<{ runId: string; kill: () => Promise<void> }> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'hostProcess.ts'), folder, String(behaviours.untilStopped)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  t.after(() => child.kill('SIGKILL'))
  const [runId] = (await once(createInterface(child.stdout), 'line')) as [string]
  return {
    runId,
    async kill() {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

test('a host killed while a run trains: the store opens, the run is interrupted, its late checkpoint is found', async t => {
  const folder = await temporaryFolder(t)
  const dead = await hostToKill(t, folder)
  await dead.kill()
  const bench = await startBench(t, { dataFolder: folder })
  const run = await bench.call.runs.get({ id: dead.runId })
  assert.equal(run.status, 'interrupted')
  assert.match(run.error?.message ?? '', /The workbench ended while this run trained/)
  assert.equal(run.attempts[0]?.outcome, 'interrupted')
  // The orphaned trainer notices the broken channel and saves, after the new host has started.
  await waitFor(async () =>
    (await bench.call.checkpoints.list({ runId: run.id })).some(each => each.step > 10),
  )
  await bench.call.runs.resume({ id: run.id })
  await bench.until(run.id, 'running')
  await bench.call.runs.stop({ id: run.id })
  const stopped = await bench.until(run.id, 'stopped')
  assert.equal(stopped.error, null)
})

test('what a trainer said to a host that had died is stored by the next one, once', async t => {
  const folder = await temporaryFolder(t)
  const dead = await hostToKill(t, folder)
  await dead.kill()
  const run = join(folder, 'runs', dead.runId)
  const memory = createMemory(() => 0)
  const wallMs = Date.now() + 60_000
  const point = (step: number, values: Record<string, number>) => ({ step, epoch: step / 10, wallMs, values })
  const points = [
    point(400, { 'train/loss': 0.5 }),
    point(401, { 'train/loss': NaN }),
    point(401, { 'val/top1': 0.875 }),
  ]
  memory.note({ type: 'points', points, imagesPerSecond: 1 })
  memory.note({ type: 'log', level: 'warning', text: 'said to nobody', wallMs })
  memory.note({ type: 'log', level: 'info', text: 'heard before', wallMs: 1 })
  memory.leave(run, 1)
  const bench = await startBench(t, { dataFolder: folder })
  const { call } = bench
  await waitFor(async () => (await call.runs.get({ id: dead.runId })).step === 401)
  const { status, top1, bestTop1 } = await call.runs.get({ id: dead.runId })
  assert.deepEqual([status, top1, bestTop1], ['interrupted', 0.875, 0.875])
  const curves = await call.metrics.read({ runId: dead.runId, names: ['train/loss'], maxPoints: 100 })
  assert.deepEqual(curves[0]?.step.slice(-2), [400, 401])
  assert.deepEqual(
    curves[0]?.nonFinite.map(each => [each.step, each.value]),
    [[401, 'NaN']],
  )
  const log = await call.runs.log({ id: dead.runId, after: -1, limit: 100 })
  assert.deepEqual([log.at(-1)?.text, log.at(-1)?.level], ['said to nobody', 'warning'])
  assert.ok(!log.some(line => line.text === 'heard before'))
  assert.ok(!existsSync(join(run, 'unheard.json')))
})

test('what was left for the next host but cannot be read harms nothing', async t => {
  const folder = await temporaryFolder(t)
  const dead = await hostToKill(t, folder)
  await dead.kill()
  const path = join(folder, 'runs', dead.runId, 'unheard.json')
  writeFileSync(path, '{"attempt":1,"points":[{"step":')
  const bench = await startBench(t, { dataFolder: folder })
  assert.equal((await bench.call.runs.get({ id: dead.runId })).status, 'interrupted')
  await waitFor(async () => (await bench.call.checkpoints.list({ runId: dead.runId })).length > 0)
})

test('checkpoints are read back from the folder: new, damaged, set aside and gone ones', async t => {
  const bench = await startBench(t)
  const id = await bench.addRun(await bench.addDataset(), behaviours.finish)
  await bench.until(id, 'finished')
  const checkpoints = join(bench.folder, 'runs', id, 'checkpoints')
  await bench.host.close()
  const save = (name: string, sizeInManifest: number): void => {
    mkdirSync(join(checkpoints, name))
    const state = JSON.stringify({ step: Number(name.slice(-8)), epoch: 3, metrics: { 'val/top1': 0.75 } })
    writeFileSync(join(checkpoints, name, 'state.json'), state)
    const files = [{ name: 'state.json', size: sizeInManifest || state.length }]
    writeFileSync(join(checkpoints, name, 'manifest.json'), JSON.stringify({ files }))
  }
  save('step-00000030', 0)
  save('step-00000040', 5)
  save('damaged-step-00000050', 0)
  mkdirSync(join(checkpoints, 'step-00000060'))
  mkdirSync(join(checkpoints, '.saving-step-00000070'))
  // The trainer died while it replaced this one.
  renameSync(join(checkpoints, 'step-00000020'), join(checkpoints, '.replaced-step-00000020'))
  rmSync(join(checkpoints, 'step-00000010'), { recursive: true })
  await markRunning(bench.folder, id)
  const next = await startBench(t, { dataFolder: bench.folder })
  await waitFor(async () => (await next.call.checkpoints.list({ runId: id })).length === 5)
  assert.deepEqual(
    (await next.call.checkpoints.list({ runId: id })).map(each => [each.name, each.status, each.isNewest]),
    [
      ['step-00000060', 'damaged', false],
      ['damaged-step-00000050', 'damaged', false],
      ['step-00000040', 'damaged', false],
      ['step-00000030', 'valid', true],
      ['step-00000020', 'missing', false],
    ],
  )
  renameSync(join(checkpoints, '.replaced-step-00000020'), join(checkpoints, 'step-00000020'))
  const back = (await next.call.checkpoints.list({ runId: id })).find(each => each.step === 20)
  assert.equal(back?.status, 'valid', 'the next resume gives it its name back')
})

test('what the user had asked for before the host died has come true', async t => {
  const bench = await startBench(t)
  const datasetId = await bench.addDataset()
  const [a, b] = [await bench.addRun(datasetId, 0), await bench.addRun(datasetId, 0)]
  for (const id of [a, b]) await bench.until(id, 'finished')
  await bench.host.close()
  await markRunning(bench.folder, a, 'pausing')
  await markRunning(bench.folder, b, 'stopping')
  const next = await startBench(t, { dataFolder: bench.folder })
  assert.equal((await next.call.runs.get({ id: a })).status, 'paused')
  assert.equal((await next.call.runs.get({ id: b })).status, 'stopped')
})

/** Makes a store look as a dead host leaves it. */
async function markRunning(
  folder: string,
  id: string,
  status: 'running' | 'pausing' | 'stopping' = 'running',
): Promise<void> {
  const { openStore } = await import('../../../core/store/index.ts')
  const store = openStore(join(folder, 'store.sqlite'))
  store.runs.change(id, { status })
  store.close()
}

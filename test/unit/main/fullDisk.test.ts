import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Notice } from '../../../core/contract/index.ts'
import { AppError } from '../../../core/errors/index.ts'
import { openStore, type Store } from '../../../core/store/index.ts'
import { behaviours } from './behaviours.ts'
import { startBench, waitFor, type Bench } from './fixture.ts'

const limits = { pushMs: 20, diskRetryMs: 200 }
const full = { code: 'disk-full', message: /no space left.*Free some space/ }

interface Disk {
  fill(): void
  free(): void
}

/** Everything that a host writes while nobody looks, on a disk that fills up and is freed again. */
async function surviveFullDisk(bench: Bench, disk: Disk): Promise<void> {
  const { call } = bench
  const datasetId = await bench.addDataset()
  const slow = await slowDataset(bench)
  const training = await bench.addRun(datasetId, behaviours.untilStopped)
  const queued = await bench.addRun(datasetId, behaviours.untilStopped)
  await waitFor(async () => (await call.runs.get({ id: training })).step > 12)
  const [checkpoint] = await call.checkpoints.list({ runId: training })
  const checkpointId = checkpoint?.id ?? ''
  const evaluation = await call.evaluations.start({ checkpointId, datasetId: slow, split: 'test' })
  await waitFor(async () => (await call.evaluations.get({ id: evaluation.id })).status === 'running')

  disk.fill()
  await waitFor(() => notices(bench).some(text => /no space left.*Training goes on/.test(text)))
  assert.notEqual((await call.runs.get({ id: training })).progress, null, 'it trains on')
  await assert.rejects(bench.addRun(datasetId, behaviours.finish), full)
  await assert.rejects(call.datasets.rescan({ id: slow }), { code: 'conflict', message: /Evaluation e-/ })
  await call.evaluations.cancel({ id: evaluation.id })
  await waitFor(async () => (await call.evaluations.get({ id: evaluation.id })).progress === null)
  await assert.rejects(call.datasets.rename({ id: slow, name: 'x'.repeat(90) }), full)
  await call.runs.stop({ id: training })
  await waitFor(() => notices(bench).some(text => text.includes(`${queued} waits to be started: `)))
  assert.equal((await call.runs.get({ id: queued })).status, 'queued')

  disk.free()
  assert.equal((await bench.until(training, 'stopped')).error, null)
  await bench.until(queued, 'running')
  assert.equal((await call.evaluations.get({ id: evaluation.id })).status, 'cancelled')
  assert.ok(notices(bench).some(text => text.includes('can be written again')))
  const [curve] = await call.metrics.read({ runId: training, names: ['train/loss'] })
  const steps = curve?.step ?? []
  assert.deepEqual(
    steps,
    Array.from({ length: steps.length }, (_, index) => index + 1),
    'no point is missing',
  )
}

test('a host whose store refuses every write stays up, says so, and writes what waited when it can', async t => {
  let isFull = false
  const bench = await startBench(t, { limits, openStore: path => faulting(openStore(path), () => isFull) })
  await surviveFullDisk(bench, { fill: () => (isFull = true), free: () => (isFull = false) })
})

test('the same on a file system that is really full, where one may be mounted', async t => {
  const disk = smallDisk()
  if (disk === null)
    return t.diagnostic('no file system can be mounted here; the test before injects the errors')
  const bench = await startBench(t, { limits, dataFolder: disk.folder })
  try {
    await surviveFullDisk(bench, disk)
  } finally {
    await bench.host.close()
    disk.unmount()
  }
})

test('a scan that cannot be begun as the disk is full says so, and can be begun later', async t => {
  let isFull = false
  const bench = await startBench(t, { limits, openStore: path => faulting(openStore(path), () => isFull) })
  const id = await bench.addDataset()
  isFull = true
  await assert.rejects(bench.call.datasets.rescan({ id }), full)
  isFull = false
  await bench.call.datasets.rescan({ id })
  await waitFor(async () => (await bench.call.datasets.get({ id })).status === 'ready')
})

function notices(bench: Bench): string[] {
  const found = bench.pushes.filter(each => each.push === 'system.onNotice')
  return found.map(each => (each.payload as Notice).message)
}

/** A data set whose tasks take until they are cancelled. */
async function slowDataset({ call, folder }: Bench): Promise<string> {
  const path = join(folder, 'pictures', 'slow')
  mkdirSync(path, { recursive: true })
  const { id } = await call.datasets.add({ path })
  await call.datasets.cancelScan({ id })
  await waitFor(async () => (await call.datasets.get({ id })).status !== 'scanning')
  return id
}

const writing =
  /^(write|create|change|put|set|begin|end|append|enqueue|dequeue|move|pin|remove|raise|annotate|count)/

/** A store that refuses writes, as SQLite does on a full disk, while it is told to. */
function faulting(store: Store, isFull: () => boolean): Store {
  const wrap = (part: object): object =>
    Object.fromEntries(
      Object.entries(part).map(([name, member]) => {
        if (typeof member === 'object' && member !== null) return [name, wrap(member as object)]
        if (typeof member !== 'function' || !writing.test(name)) return [name, member]
        const refusing = (...args: unknown[]): unknown => {
          if (isFull()) throw new AppError('disk-full', 'no space left on the disk. Free some space there')
          return (member as (...args: unknown[]) => unknown)(...args)
        }
        return [name, refusing]
      }),
    )
  return wrap(store) as Store
}

/** A tmpfs with the store; runs lie elsewhere, as their checkpoints are the trainer's affair. */
function smallDisk(): (Disk & { folder: string; unmount(): void }) | null {
  const folder = mkdtempSync(join(tmpdir(), 'multigrain-test-'))
  const mountPoint = join(folder, 'disk')
  for (const name of ['disk', 'runs', 'pictures']) mkdirSync(join(folder, name))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', mountPoint], { stdio: 'pipe' })
  } catch {
    rmSync(folder, { recursive: true })
    return null
  }
  for (const name of ['runs', 'pictures']) symlinkSync(join(folder, name), join(mountPoint, name))
  const filler = join(mountPoint, 'filler')
  return {
    folder: mountPoint,
    fill() {
      for (let size = 2 ** 20; size >= 1; size = size > 4096 ? size / 2 : 0) {
        try {
          for (;;) writeFileSync(filler, Buffer.alloc(size), { flag: 'a' })
        } catch {
          // It is full for pieces of this size.
        }
      }
    },
    free: () => rmSync(filler),
    unmount() {
      execFileSync('umount', ['--lazy', mountPoint])
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

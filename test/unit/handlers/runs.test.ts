import assert from 'node:assert/strict'
import { existsSync, mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { behaviours } from '../main/behaviours.ts'
import { startBench, waitFor, type Bench } from '../main/fixture.ts'

async function finishedRun(bench: Bench): Promise<string> {
  const id = await bench.addRun(await bench.addDataset(), behaviours.finish)
  await bench.until(id, 'finished')
  return id
}

test('a run gets a readable id, a name of its own or one made for it, and a complete configuration', async t => {
  const bench = await startBench(t)
  const datasetId = await bench.addDataset()
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '')
  const config = { model: 'cifar-resnet8', training: { epochs: 2 } }
  const { id } = await bench.call.runs.create({ datasetId, config })
  assert.equal(id, `r-${day}-0001`)
  const named = await bench.call.runs.create({ datasetId, config, name: '  my run ' })
  assert.equal(named.id, `r-${day}-0002`)
  assert.equal((await bench.call.runs.get({ id: named.id })).name, 'my run')
  const run = await bench.call.runs.get({ id })
  assert.equal(run.name, 'cifar-resnet8 on digits')
  assert.equal((run.config['training'] as { batchSize: number }).batchSize, 32)
})

test('a bad configuration is refused with every issue, and no run is made', async t => {
  const bench = await startBench(t)
  const datasetId = await bench.addDataset()
  const config = { model: { name: 'resnet19' }, training: { epochs: 0, batchsize: 4 } }
  await assert.rejects(
    bench.call.runs.create({ datasetId, config }),
    (error: { code: string; details: { issues: { path: string }[] } }) => {
      assert.equal(error.code, 'invalid-config')
      const paths = error.details.issues.map(issue => issue.path).sort()
      assert.deepEqual(paths, ['model.name', 'training.batchsize', 'training.epochs'])
      return true
    },
  )
  await assert.rejects(bench.call.runs.create({ datasetId: 'nothing', config: { model: 'resnet18' } }), {
    code: 'not-found',
  })
  assert.deepEqual(await bench.call.runs.list({}), [])
})

test('a run goes to the trash and back, and is purged with its files', async t => {
  const bench = await startBench(t)
  const id = await finishedRun(bench)
  const folder = join(bench.folder, 'runs', id)
  await assert.rejects(bench.call.runs.purge({ id }), { code: 'conflict', message: /not in the trash/ })
  await bench.call.runs.remove({ id })
  assert.deepEqual(await bench.call.runs.list({}), [])
  assert.equal((await bench.call.runs.list({ deleted: true }))[0]?.id, id)
  assert.ok(existsSync(folder))
  await assert.rejects(bench.call.runs.resume({ id }), { code: 'conflict' })
  await bench.call.runs.restore({ id })
  assert.equal((await bench.call.runs.list({}))[0]?.deletedAt, null)
  await bench.call.runs.remove({ id })
  const { freedBytes } = await bench.call.runs.purge({ id })
  assert.ok(freedBytes > 50)
  assert.ok(!existsSync(folder))
  await assert.rejects(bench.call.runs.get({ id }), { code: 'not-found' })
  assert.deepEqual(await bench.call.runs.list({ deleted: true }), [])
})

test('a training run cannot be trashed; a queued one leaves the queue', async t => {
  const bench = await startBench(t)
  const datasetId = await bench.addDataset()
  const first = await bench.addRun(datasetId, behaviours.untilStopped)
  const queued = await bench.addRun(datasetId, behaviours.finish)
  await bench.until(first, 'running')
  await assert.rejects(bench.call.runs.remove({ id: first }), { code: 'conflict', message: /Stop it first/ })
  await bench.call.runs.remove({ id: queued })
  await bench.call.runs.restore({ id: queued })
  assert.deepEqual(
    [
      (await bench.call.runs.get({ id: queued })).status,
      (await bench.call.runs.get({ id: queued })).queuePosition,
    ],
    ['stopped', null],
  )
  await bench.call.runs.stop({ id: first })
  await bench.until(first, 'stopped')
})

test('many runs are tagged, starred, archived, trashed and brought back with one call each', async t => {
  const bench = await startBench(t)
  const datasetId = await bench.addDataset()
  const create = (tags: string[]): Promise<{ id: string }> =>
    bench.call.runs.create({ datasetId, config: { model: 'cifar-resnet8' }, tags, groupId: 'sweep-1' })
  const busy = await bench.addRun(datasetId, behaviours.untilStopped)
  const ids = [(await create(['b', 'a', 'b'])).id, (await create([])).id]
  const all = [busy, ...ids]
  await bench.until(busy, 'running')
  await bench.call.runs.tag({ ids, add: ['paper'], remove: ['b'] })
  await bench.call.runs.star({ ids: all, isStarred: true })
  await bench.call.runs.archive({ ids, isArchived: true })
  const first = await bench.call.runs.get({ id: ids[0]! })
  assert.deepEqual([first.tags, first.isStarred, first.groupId], [['a', 'paper'], true, 'sweep-1'])
  assert.ok(first.archivedAt)
  // What a trainer works on stays, and nothing is changed where one id is unknown.
  assert.deepEqual(await bench.call.runs.removeAll({ ids: all }), { kept: [busy] })
  assert.deepEqual((await bench.call.runs.list({ deleted: true })).map(({ id }) => id).sort(), ids)
  await assert.rejects(bench.call.runs.restoreAll({ ids: [ids[0]!, 'r-none'] }), { code: 'not-found' })
  assert.equal((await bench.call.runs.list({ deleted: true })).length, 2)
  const { id: job } = await bench.call.runs.purgeAll({ ids })
  await waitFor(async () => (await bench.call.jobs.get({ id: job })).status !== 'running')
  assert.equal((await bench.call.jobs.get({ id: job })).status, 'finished')
  assert.deepEqual(await bench.call.runs.list({ deleted: true }), [])
  await assert.rejects(bench.call.runs.tag({ ids: [busy], add: ['a,b'] }), { code: 'invalid-request' })
  await bench.call.runs.stop({ id: busy })
})

test('names and notes are kept', async t => {
  const bench = await startBench(t)
  const id = await finishedRun(bench)
  await bench.call.runs.rename({ id, name: '<b>bold</b>' })
  await bench.call.runs.annotate({ id, notes: 'line 1\nline 2' })
  const run = await bench.call.runs.get({ id })
  assert.deepEqual([run.name, run.notes], ['<b>bold</b>', 'line 1\nline 2'])
})

test('checkpoints: pinned by a file that the trainer sees, missing when gone, the newest never deleted', async t => {
  const bench = await startBench(t)
  const runId = await finishedRun(bench)
  const [newest, old] = await bench.call.checkpoints.list({ runId })
  assert.ok(newest && old)
  await assert.rejects(bench.call.checkpoints.remove({ id: newest.id }), {
    code: 'conflict',
    message: /newest valid/,
  })
  await bench.call.checkpoints.pin({ id: old.id, isPinned: true })
  assert.ok(existsSync(join(old.path, 'pinned')))
  await assert.rejects(bench.call.checkpoints.remove({ id: old.id }), { code: 'conflict', message: /Unpin/ })
  await bench.call.checkpoints.pin({ id: old.id, isPinned: false })
  assert.ok(!existsSync(join(old.path, 'pinned')))
  const { freedBytes } = await bench.call.checkpoints.remove({ id: old.id })
  assert.ok(freedBytes > 0 && !existsSync(old.path))
  assert.equal((await bench.call.checkpoints.verify({ id: newest.id })).status, 'valid')
  await rm(newest.path, { recursive: true })
  assert.equal((await bench.call.checkpoints.list({ runId }))[0]?.status, 'missing')
})

test('an evaluation runs on a worker and keeps its figures', async t => {
  const bench = await startBench(t)
  const runId = await finishedRun(bench)
  const [checkpoint] = await bench.call.checkpoints.list({ runId })
  const { id } = await bench.call.evaluations.start({ checkpointId: checkpoint?.id ?? '' })
  await waitFor(async () => (await bench.call.evaluations.get({ id })).status === 'finished')
  const evaluation = await bench.call.evaluations.get({ id })
  assert.deepEqual(
    [evaluation.split, evaluation.top1, evaluation.imageCount, evaluation.error],
    ['val', 0.9, 100, null],
  )
  assert.deepEqual(
    (await bench.call.evaluations.list({ runId })).map(each => each.id),
    [id],
  )
})

test('an evaluation can be cancelled, and one whose worker dies says so', async t => {
  const bench = await startBench(t)
  const runId = await finishedRun(bench)
  const [checkpoint] = await bench.call.checkpoints.list({ runId })
  const checkpointId = checkpoint?.id ?? ''
  for (const name of ['slow', 'crash']) mkdirSync(join(bench.folder, 'pictures', name), { recursive: true })
  const slow = await bench.call.datasets.add({ path: join(bench.folder, 'pictures', 'slow') })
  const scanned = (id: string): Promise<void> =>
    waitFor(async () => (await bench.call.datasets.get({ id })).status !== 'scanning')
  await assert.rejects(bench.call.evaluations.start({ checkpointId, datasetId: slow.id, split: 'test' }), {
    code: 'conflict',
    message: /is being scanned/,
  })
  await bench.call.datasets.cancelScan({ id: slow.id })
  await scanned(slow.id)
  const { id } = await bench.call.evaluations.start({ checkpointId, datasetId: slow.id, split: 'test' })
  await waitFor(async () => (await bench.call.evaluations.get({ id })).status === 'running')
  await bench.call.evaluations.cancel({ id })
  await waitFor(async () => (await bench.call.evaluations.get({ id })).status === 'cancelled')
  const crash = await bench.call.datasets.add({ path: join(bench.folder, 'pictures', 'crash') })
  await scanned(crash.id)
  const dying = await bench.call.evaluations.start({ checkpointId, datasetId: crash.id, split: 'val' })
  await waitFor(async () => (await bench.call.evaluations.get({ id: dying.id })).status === 'failed')
  const { error } = await bench.call.evaluations.get({ id: dying.id })
  assert.deepEqual([error?.code, /exit code 9/.test(error?.message ?? '')], ['trainer-lost', true])
})

test('settings change by name, survive a restart, and a bad one changes nothing', async t => {
  const bench = await startBench(t)
  await bench.call.settings.set({ theme: 'dark', view: { columns: ['a'] } })
  await assert.rejects(bench.call.settings.set({ concurrentRuns: 0 }), { code: 'invalid-request' })
  await bench.host.close()
  const next = await startBench(t, { dataFolder: bench.folder })
  const { theme, concurrentRuns, view } = await next.call.settings.get({})
  assert.deepEqual([theme, concurrentRuns, view], ['dark', 1, { columns: ['a'] }])
})

test('the catalog describes every entry by the schema of its options', async t => {
  const bench = await startBench(t)
  const { families, presets, config } = await bench.call.catalog.list({})
  assert.deepEqual(Object.keys(families).sort(), [
    'loss',
    'metric',
    'model',
    'optimizer',
    'reader',
    'sampler',
    'schedule',
    'transform',
  ])
  for (const [family, entries] of Object.entries(families)) {
    for (const entry of entries) assert.equal(entry.options['type'], 'object', `${family} ${entry.name}`)
  }
  assert.ok(presets.length > 0 && config['properties'])
  const plan = await bench.call.catalog.plan({ config: { model: 'resnet19' } })
  assert.equal(plan.issues[0]?.path, 'model.name')
  assert.equal(plan.config, null)
})

/** Drafts, sweeps, devices and restarts, by a host with children that only pretend to train. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { behaviours } from '../main/behaviours.ts'
import { startBench, temporaryFolder, waitFor } from '../main/fixture.ts'

const config = (seed: number) => ({ model: { name: 'cifar-resnet8' }, training: { seed, epochs: 2 } })
const seeds = (...values: number[]) => ({
  fields: [{ path: 'training.seed', values }],
  search: 'grid' as const,
})

test('a draft is changed value by value, told to all, and there again after a restart', async t => {
  const dataFolder = await temporaryFolder(t)
  const bench = await startBench(t, { dataFolder })
  const { experiments } = bench.call
  const change = (path: string, value?: unknown) =>
    experiments.changeDraft({ origin: 'w1', patches: [{ path, ...(value === undefined ? {} : { value }) }] })
  await change('config', { training: { epochs: 5 }, transforms: [1, 2] })
  await change('config.training.batchSize', 32)
  await change('config.transforms.1', 3)
  await change('config.training.epochs')
  await change('__proto__.polluted', true)
  const wanted = { config: { training: { batchSize: 32 }, transforms: [1, 3] } }
  const { content, revision, origin } = await experiments.draft({})
  assert.deepEqual([content, revision, origin], [wanted, 5, 'w1'])
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
  const told = bench.pushes.filter(each => each.push === 'experiments.onDraft')
  assert.equal(told.length, 5)
  await assert.rejects(change('config.much', 'x'.repeat(600_000)), { code: 'invalid-request' })
  await bench.host.close()
  const again = await startBench(t, { dataFolder })
  assert.deepEqual((await again.call.experiments.draft({})).content, wanted)
})

test('a sweep queues its runs under names of their own, and is cancelled as a whole', async t => {
  const bench = await startBench(t)
  const { experiments, runs } = bench.call
  const datasetId = await bench.addDataset()
  const sweep = seeds(behaviours.untilStopped, behaviours.finish, behaviours.nan)
  const made = await experiments.createSweep({ config: config(0), datasetId, name: 'seeds', sweep })
  const [first, second, third] = made.ids
  await bench.until(first!, 'running')
  assert.deepEqual(await Promise.all(made.ids.map(async id => (await runs.get({ id })).name)), [
    'seeds: seed 1',
    'seeds: seed 0',
    'seeds: seed 7',
  ])
  const [known] = await experiments.sweeps({})
  assert.deepEqual([known?.waiting, known?.active, known?.done, known?.ended], [2, 1, 0, ''])
  const cancelled = await experiments.cancelSweep({ groupId: made.groupId })
  assert.deepEqual(cancelled, { taken: [second, third], stopped: [first] })
  for (const id of made.ids) await bench.until(id, 'stopped')
  assert.notEqual((await experiments.sweeps({}))[0]?.ended, '')
  await assert.rejects(
    experiments.createSweep({ config: config(0), datasetId, name: 'bad', sweep: seeds(-1) }),
    { code: 'invalid-config' },
  )
})

test('no run of a sweep starts once its training time is spent', async t => {
  const bench = await startBench(t)
  const { experiments } = bench.call
  const datasetId = await bench.addDataset()
  const sweep = { ...seeds(behaviours.untilStopped, behaviours.finish), budgetMs: 1000 }
  const { ids } = await experiments.createSweep({ config: config(0), datasetId, name: 'short', sweep })
  await bench.until(ids[0]!, 'running')
  await new Promise(resolve => setTimeout(resolve, 1200))
  await bench.call.runs.stop({ id: ids[0]! })
  await bench.until(ids[1]!, 'stopped')
  assert.equal((await bench.call.runs.get({ id: ids[1]! })).attempts.length, 0)
  await waitFor(() => bench.pushes.some(each => each.push === 'system.onNotice'))
})

test('a run that waits takes another device, one that trains does not, and any begins anew', async t => {
  const bench = await startBench(t)
  const { experiments, runs } = bench.call
  const datasetId = await bench.addDataset()
  const training = await bench.addRun(datasetId, behaviours.untilStopped)
  const queued = await bench.addRun(datasetId, behaviours.finish)
  await bench.until(training, 'running')
  await experiments.chooseDevice({ id: queued, device: 'cpu' })
  assert.equal((await runs.get({ id: queued })).config['device'], 'cpu')
  await assert.rejects(experiments.chooseDevice({ id: training, device: 'cpu' }), { code: 'conflict' })
  await assert.rejects(experiments.chooseDevice({ id: queued, device: 'tpu' }), { code: 'invalid-request' })
  await runs.stop({ id: training })
  await bench.until(queued, 'finished')
  const { id, name } = await experiments.restart({ id: queued })
  const again = await bench.until(id, 'finished')
  const before = await runs.get({ id: queued })
  assert.deepEqual((await runs.get({ id })).config, before.config)
  assert.deepEqual([name, again.name], [`${before.name} (2)`, `${before.name} (2)`])
  assert.equal((await experiments.restart({ id: queued })).name, `${before.name} (3)`)
  assert.equal((await experiments.restart({ id })).name, `${before.name} (4)`)
})

test('mistakes of a text come in the order of its lines', async t => {
  const bench = await startBench(t)
  const text = [
    ...['model: { name: cifar-resnet8 }', 'training:', '  epochs: many', '  batchSize: 0'],
    ...['input: { size: -1 }', 'transforms: 3'],
  ].join('\n')
  const { issues } = await bench.call.experiments.readText({ text })
  const lines = issues.map(({ line }) => line)
  assert.ok(lines.length >= 4)
  assert.deepEqual(
    lines,
    lines.toSorted((a, b) => (a ?? Infinity) - (b ?? Infinity)),
  )
  assert.equal(lines[0], 3)
})

/** Evaluations that are made again, removed, taken back, and gone for good. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { behaviours } from '../main/behaviours.ts'
import { startBench, temporaryFolder, waitFor, type Bench } from '../main/fixture.ts'

async function evaluated(bench: Bench): Promise<{ readonly id: string; readonly runId: string }> {
  const runId = await bench.addRun(await bench.addDataset(), behaviours.finish)
  await bench.until(runId, 'finished')
  const [newest] = await bench.call.checkpoints.list({ runId })
  const { id } = await bench.call.evaluations.start({
    ...{ checkpointId: newest!.id, split: 'val' as const, settings: { crops: 5 as const } },
  })
  await waitFor(async () => (await bench.call.evaluations.get({ id })).status === 'finished')
  return { id, runId }
}

test('an evaluation is made again with the same images and settings', async t => {
  const bench = await startBench(t)
  const { id } = await evaluated(bench)
  const { id: again } = await bench.call.evaluations.again({ id })
  assert.notEqual(again, id)
  await waitFor(async () => (await bench.call.evaluations.get({ id: again })).status === 'finished')
  const [one, other] = [
    await bench.call.evaluations.get({ id }),
    await bench.call.evaluations.get({ id: again }),
  ]
  assert.deepEqual(
    [other.checkpointId, other.datasetId, other.split, other.settings],
    [one.checkpointId, one.datasetId, one.split, one.settings],
  )
  const recent = await bench.call.evaluations.recent({})
  assert.deepEqual(
    recent.map(each => each.id),
    [again, id],
  )
})

test('a removed one can be taken back, and is gone with its files when the workbench starts again', async t => {
  const dataFolder = await temporaryFolder(t)
  const bench = await startBench(t, { dataFolder })
  const { id, runId } = await evaluated(bench)
  const report = join(dataFolder, 'runs', runId, 'evaluations', `${id}.json`)
  await bench.call.evaluations.remove({ id })
  assert.deepEqual(await bench.call.evaluations.list({ runId }), [])
  assert.deepEqual(await bench.call.evaluations.recent({}), [])
  assert.ok(bench.pushes.some(({ push }) => push === 'evaluations.onRemoved'))
  assert.ok(existsSync(report))
  await bench.call.evaluations.restore({ id })
  assert.equal((await bench.call.evaluations.list({ runId })).length, 1)
  await bench.call.evaluations.remove({ id })
  await bench.host.close()

  const next = await startBench(t, { dataFolder, withSample: true })
  await waitFor(async () => !existsSync(report))
  await waitFor(() =>
    next.call.evaluations.get({ id }).then(
      () => false,
      () => true,
    ),
  )
})

test('what is under way, unfinished or a retrieval is refused with a reason', async t => {
  const bench = await startBench(t)
  const { id, runId } = await evaluated(bench)
  const [newest] = await bench.call.checkpoints.list({ runId })
  const { id: retrieval } = await bench.call.evaluations.start({
    ...{ checkpointId: newest!.id, settings: { kind: 'retrieval' as const } },
  })
  await waitFor(async () => (await bench.call.evaluations.get({ id: retrieval })).status === 'finished')
  await assert.rejects(bench.call.evaluations.study({ id: retrieval }), {
    code: 'conflict',
    message: /queries/,
  })
  await assert.rejects(bench.call.evaluations.images({ id: 'e-999999', limit: 5 }), { code: 'not-found' })
  await assert.rejects(bench.call.evaluations.curves({ id, labels: [] }), { code: 'invalid-request' })
})

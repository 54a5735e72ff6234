import assert from 'node:assert/strict'
import { test } from 'node:test'
import { behaviours } from './behaviours.ts'
import { startBench } from './fixture.ts'

test('a run goes from the queue to finished, and everything it said is found again', async t => {
  const bench = await startBench(t)
  const datasetId = await bench.addDataset()
  const id = await bench.addRun(datasetId, behaviours.finish)
  const run = await bench.until(id, 'finished', 'failed', 'interrupted')
  assert.equal(run.status, 'finished')
  assert.equal(run.step, 20)
  assert.equal(run.top1, 0.2)
  assert.equal(run.bestTop1, 0.2)
  const [curve] = await bench.call.metrics.read({ runId: id, names: ['train/loss'] })
  assert.deepEqual(
    curve?.step,
    Array.from({ length: 20 }, (_, index) => index + 1),
  )
  const saved = await bench.call.checkpoints.list({ runId: id })
  assert.deepEqual(
    saved.map(each => each.step),
    [20, 10],
  )
  assert.ok(saved[0]?.isNewest && saved[0].isBest)
  const log = await bench.call.runs.log({ id })
  assert.ok(log.some(line => line.text === 'step: 20'))
})

/** Exports and predictions through the contract, over a worker that makes its answers up. */
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ExportResult } from '../../../core/contract/index.ts'
import { behaviours } from '../main/behaviours.ts'
import { startBench, waitFor } from '../main/fixture.ts'

test('an export is a job into a folder of its own; a checkpoint names what is on an image', async t => {
  const bench = await startBench(t)
  const datasetId = await bench.addDataset()
  const runId = await bench.addRun(datasetId, behaviours.finish)
  await bench.until(runId, 'finished')
  const [checkpoint] = await bench.call.checkpoints.list({ runId })
  assert.ok(checkpoint)
  const exported = async (): Promise<string> => {
    const { id } = await bench.call.checkpoints.export({ id: checkpoint.id, format: 'onnx' })
    await waitFor(async () => (await bench.call.jobs.get({ id })).status === 'finished')
    const { kind, result } = await bench.call.jobs.get({ id })
    assert.equal(kind, 'export')
    return ExportResult.parse(result).folder
  }
  const folder = await exported()
  const name = `${runId}-${checkpoint.name}-onnx`
  assert.ok(folder.endsWith(join('exports', name)))
  // What was exported before is never written over.
  mkdirSync(folder, { recursive: true })
  assert.ok((await exported()).endsWith(`${name}-2`))
  // By the name that the user gave it, as far as it may be a folder's.
  await bench.call.checkpoints.rename({ id: checkpoint.id, label: '../my favourite 模型!' })
  assert.ok((await exported()).endsWith(join('exports', `${runId}-my-favourite-模型-onnx`)))
  const image = { datasetId, split: 'train', index: 0 } as const
  const { classes } = await bench.call.checkpoints.predict({ id: checkpoint.id, image })
  assert.deepEqual(classes, [{ name: '1', index: 1, probability: 0.9 }])
  const map = await bench.call.checkpoints.activationMap({ id: checkpoint.id, image })
  assert.deepEqual([map.values, map.className, map.classes], [[0, 1], '1', classes])
  const gone = { uploadId: `u-${'0'.repeat(32)}` }
  await assert.rejects(bench.call.checkpoints.predict({ id: checkpoint.id, image: gone }), {
    code: 'not-found',
    message: /Choose it again/,
  })
})

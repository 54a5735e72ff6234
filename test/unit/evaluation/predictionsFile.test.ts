/** Predictions of an evaluation: gathered in batches, written, and read again. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createPredictions } from '../../../core/evaluation/predictions.ts'
import {
  predictionsPath,
  readPredictions,
  writePredictions,
} from '../../../core/evaluation/predictionsFile.ts'

const logits = Float32Array.of(0, 2, 1, 0.5, 3, 3, 0, -1, 4, 5, 6, 7)

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'multigrain-predictions-'))
  t.after(() => rmSync(made, { recursive: true }))
  return made
}

/** Three images of four classes, in two batches and out of order. */
function gathered(mostBytes?: number) {
  const tally = createPredictions(4, mostBytes)
  tally.add({
    logits: logits.subarray(4),
    labels: Int32Array.of(1, 3),
    indices: Int32Array.of(7, 9),
    classCount: 4,
  })
  tally.add({
    logits: logits.subarray(0, 4),
    labels: Int32Array.of(2),
    indices: Int32Array.of(3),
    classCount: 4,
  })
  return tally.value()
}

test('rows stand by image whatever the batches; equal logits in the order of their classes', () => {
  const { index, label, top, probability, loss } = gathered()
  assert.deepEqual([...index], [3, 7, 9])
  assert.deepEqual([...label], [2, 1, 3])
  assert.deepEqual([...top], [1, 2, 3, 0, -1, 0, 1, 2, 3, -1, 3, 2, 1, 0, -1])
  const expected = Math.exp(2) / (1 + Math.exp(2) + Math.exp(1) + Math.exp(0.5))
  assert.ok(Math.abs(probability[0]! - expected) < 1e-7)
  assert.ok(Math.abs(loss[0]! + Math.log(expected / Math.E)) < 1e-6)
  assert.equal(probability[4], 0)
})

test('what is written is read, with logits or without', async t => {
  const path = join(folder(t), 'e.predictions.safetensors')
  for (const predictions of [gathered(), gathered(16)]) {
    await writePredictions(path, predictions, { split: 'val' })
    assert.deepEqual(await readPredictions(path), predictions)
  }
  assert.equal((await readPredictions(path)).logits, null)
})

test('an evaluation without the file says what to do, and a damaged one is named', async t => {
  const path = join(folder(t), 'e.predictions.safetensors')
  await assert.rejects(readPredictions(path), { code: 'not-found', message: /Evaluate again/ })
  await writePredictions(path, gathered())
  const bytes = readFileSync(path)
  writeFileSync(path, bytes.subarray(0, -8))
  await assert.rejects(readPredictions(path), { code: 'data-invalid', message: /damaged.*Evaluate again/ })
  writeFileSync(
    path,
    Buffer.from(bytes.toString('latin1').replace('predictions-1', 'predictions-9'), 'latin1'),
  )
  await assert.rejects(readPredictions(path), { message: /predictions-1/ })
})

test('the file lies beside the report', () => {
  assert.equal(predictionsPath('/runs/r/e-1.json'), '/runs/r/e-1.predictions.safetensors')
})

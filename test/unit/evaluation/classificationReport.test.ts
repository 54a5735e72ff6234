/** A classification in detail against numpy (fixtures/retrieval/calibration.py). */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { createReport } from '../../../core/evaluation/classificationReport.ts'

const file = new URL('../../fixtures/retrieval/calibration.json', import.meta.url)
const expected = JSON.parse(readFileSync(file, 'utf8')) as Record<
  'logits' | 'labels' | 'counts' | 'confusion',
  number[]
> & { ece: number; loss: number }
const classCount = 4

test('confusion, calibration and loss are those of numpy, whatever the batches', () => {
  const report = createReport(classCount)
  for (const [from, to] of [
    [0, 3],
    [3, 120],
    [120, 200],
  ] as const)
    report.add({
      logits: Float32Array.from(expected.logits.slice(from * classCount, to * classCount)),
      labels: Int32Array.from(expected.labels.slice(from, to)),
      classCount,
    })
  const { ece, bins, confusion, loss, top1, perClass } = report.value()
  assert.ok(Math.abs(ece - expected.ece) < 1e-6, `${ece} is not ${expected.ece}`)
  assert.ok(Math.abs(loss - expected.loss) < 1e-6)
  assert.deepEqual(
    bins.map(({ imageCount }) => imageCount),
    expected.counts,
  )
  assert.deepEqual([...confusion], expected.confusion)
  const right = perClass.reduce((sum, each) => sum + each.top1 * each.imageCount, 0)
  assert.ok(Math.abs(right / expected.labels.length - top1) < 1e-12)
})

test('a class without images has no accuracy, and nothing has none', () => {
  const report = createReport(3)
  assert.ok(Number.isNaN(report.value().ece))
  report.add({ logits: Float32Array.of(0, 1, 0), labels: Int32Array.of(1), classCount: 3 })
  assert.deepEqual(
    report.value().perClass.map(({ top1 }) => top1),
    [NaN, 1, NaN],
  )
})

test('a label outside the classes is refused by its value', () => {
  const add = (): void =>
    createReport(2).add({ logits: Float32Array.of(0, 1), labels: Int32Array.of(2), classCount: 2 })
  assert.throws(add, { code: 'data-invalid', message: /labels from 0 to 1, got 2/ })
})

test('precision and F1 by class', () => {
  const report = createReport(3)
  // Taken for 0, 0, 1, 0 where it is 0, 1, 1, 2.
  const logits = Float32Array.of(1, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0)
  report.add({ logits, labels: Int32Array.of(0, 1, 1, 2), classCount: 3 })
  const { perClass } = report.value()
  assert.deepEqual(perClass, [
    { imageCount: 1, top1: 1, precision: 1 / 3, f1: 0.5 },
    { imageCount: 2, top1: 0.5, precision: 1, f1: 2 / 3 },
    { imageCount: 1, top1: 0, precision: NaN, f1: 0 },
  ])
})

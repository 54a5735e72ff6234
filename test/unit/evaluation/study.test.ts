/** An evaluation from all sides, against numpy: classes, confusion, average precision, calibration, temperature, coverage. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { byMass, byWidth } from '../../../core/evaluation/calibration.ts'
import { confusionOrder } from '../../../core/evaluation/confusionOrder.ts'
import { chooseJudged } from '../../../core/evaluation/judgedImages.ts'
import { precisionRecall } from '../../../core/evaluation/precisionRecall.ts'
import { createPredictions, topCount, type Predictions } from '../../../core/evaluation/predictions.ts'
import { classCurves, study } from '../../../core/evaluation/study.ts'

type Figure = number | null

interface Truth {
  readonly classCount: number
  readonly label: readonly number[]
  readonly logits: readonly number[]
  readonly confusion: readonly (readonly number[])[]
  readonly classes: readonly Readonly<Record<string, Figure>>[]
  readonly ece: number
  readonly mce: number
  readonly adaptiveEce: number
  readonly temperature: number
  readonly eceAtTemperature: number
  readonly coverage: readonly (readonly [number, number, number])[]
  readonly curve: readonly (readonly [number, number, number])[]
}

const file = join(import.meta.dirname, '..', '..', 'fixtures', 'evaluation', 'study.json')
const truth = JSON.parse(readFileSync(file, 'utf8')) as Truth

function predictions(mostBytes?: number): Predictions {
  const tally = createPredictions(truth.classCount, mostBytes)
  const indices = Int32Array.from(truth.label, (_, at) => at)
  const labels = Int32Array.from(truth.label)
  const { classCount } = truth
  tally.add({ logits: Float32Array.from(truth.logits), labels, indices, classCount })
  return tally.value()
}

/** Probabilities are kept in single precision. */
function near(actual: number, expected: Figure, what: string, tolerance = 2e-6): void {
  if (expected === null) assert.ok(Number.isNaN(actual), `${what}: ${actual} where there is nothing`)
  else assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual}, expected ${expected}`)
}

test('classes, cells, calibration and coverage are those of numpy', () => {
  const made = study(predictions())
  made.classes.forEach((own, label) => {
    for (const [name, expected] of Object.entries(truth.classes[label]!))
      near(own[name as keyof typeof own], expected, `${name} of class ${label}`)
  })
  const confusion = truth.confusion.map(row => row.map(() => 0))
  for (let at = 0; at < made.cells.length; at += 3)
    confusion[made.cells[at]!]![made.cells[at + 1]!] = made.cells[at + 2]!
  assert.deepEqual(confusion, truth.confusion)
  near(made.byWidth.ece, truth.ece, 'ECE')
  near(made.byWidth.mce, truth.mce, 'largest gap')
  near(made.byMass.ece, truth.adaptiveEce, 'ECE of bins of as many images')
  near(made.temperature!.value, truth.temperature, 'temperature', 1e-4)
  near(made.temperature!.ece, truth.eceAtTemperature, 'ECE at the temperature', 1e-4)
  assert.equal(made.coverage.length, truth.coverage.length)
  made.coverage.forEach(({ share, accuracy, threshold }, at) => {
    const [expectedShare, expectedAccuracy, expectedThreshold] = truth.coverage[at]!
    near(share, expectedShare, 'share')
    near(accuracy, expectedAccuracy, 'accuracy')
    near(threshold, expectedThreshold, 'threshold')
  })
})

test('the curve of a class has a point wherever its recall grows', () => {
  const { points, averagePrecision } = classCurves(predictions(), 1)
  near(averagePrecision, truth.classes[1]!['averagePrecision']!, 'average precision')
  assert.equal(points.length, truth.curve.length)
  points.forEach(({ threshold, precision, recall }, at) => {
    const [t, p, r] = truth.curve[at]!
    near(threshold, t, 'threshold')
    near(precision, p, 'precision')
    near(recall, r, 'recall')
  })
})

test('without logits the likeliest classes are scored, and there is no temperature', () => {
  const made = study(predictions(16))
  assert.equal(made.hasLogits, false)
  assert.equal(made.temperature, null)
  const [own, exact] = [made.classes[2]!.averagePrecision, truth.classes[2]!['averagePrecision']!]
  assert.ok(own > 0.5 * exact && own <= 1)
  near(made.byWidth.ece, truth.ece, 'ECE')
})

test('a class without images has no average precision, and one that is always first has the best', () => {
  const nothing = precisionRecall(Float64Array.of(0.2, 0.4), [])
  assert.ok(Number.isNaN(nothing.averagePrecision))
  assert.equal(precisionRecall(Float64Array.of(0.2, 0.9, 0.8), [1, 2]).averagePrecision, 1)
  assert.equal(byWidth(Float64Array.of(), () => true).bins.length, 15)
  assert.equal(byMass(Float64Array.of(0.5), () => true).bins.length, 1)
})

test('classes that are taken for each other become neighbours, whatever their labels', () => {
  // Four groups of three that are confused among themselves, scattered over the labels.
  const groupOf = (label: number): number => label % 4
  const cells: number[] = []
  for (let truthLabel = 0; truthLabel < 12; truthLabel++)
    for (let predicted = 0; predicted < 12; predicted++)
      if (groupOf(truthLabel) === groupOf(predicted))
        cells.push(truthLabel, predicted, truthLabel === predicted ? 20 : 5)
  cells.push(0, 1, 1)
  const order = [...confusionOrder(Int32Array.from(cells), 12)]
  assert.deepEqual(
    [...order].sort((a, b) => a - b),
    Array.from({ length: 12 }, (_, label) => label),
  )
  const changes = order.filter((label, at) => at > 0 && groupOf(label) !== groupOf(order[at - 1]!))
  assert.equal(changes.length, 3)
})

test('images are chosen by class and kind, the worst first', () => {
  const { count, index, label, top, probability, loss } = predictions()
  const columns = { count, topCount, index, label, top, probability, loss }
  const wrong = chooseJudged(columns, { group: 'wrong', truth: null, predicted: null, order: 'loss' })
  const expected = truth.confusion.flat().reduce((sum, each) => sum + each, 0)
  assert.equal(wrong.length, expected - truth.confusion.reduce((sum, row, at) => sum + row[at]!, 0))
  assert.ok(wrong.every((row, at) => at === 0 || loss[row]! <= loss[wrong[at - 1]!]!))
  const cell = chooseJudged(columns, { group: 'all', truth: 0, predicted: 2, order: 'confident' })
  assert.equal(cell.length, truth.confusion[0]![2])
  const confident = cell.map(row => probability[row * topCount]!)
  assert.deepEqual(
    confident,
    [...confident].sort((a, b) => b - a),
  )
  const beyond = chooseJudged(columns, { group: 'beyond-top5', truth: null, predicted: null, order: 'index' })
  assert.ok(beyond.every(row => !top.subarray(row * topCount, (row + 1) * topCount).includes(label[row]!)))
})

/** The arithmetic of the evaluation page: orders of classes, what part of a matrix is in sight, keys, curves. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StudiedClass } from '../../../core/contract/index.ts'
import { sortedClasses } from '../../../renderer/panels/Evaluation/classRows.ts'
import { matrixKey } from '../../../renderer/panels/Evaluation/matrixKeys.ts'
import { confusionsOf, matrixModel, worstLabels } from '../../../renderer/panels/Evaluation/matrixModel.ts'
import {
  cellAt,
  heldView,
  nearestFilled,
  revealedView,
  wholeView,
  zoomedView,
} from '../../../renderer/panels/Evaluation/matrixView.ts'
import { nearestIn, pathOf } from '../../../renderer/panels/Evaluation/shareLines.ts'

const classOf = (label: number, recall: number | null, imageCount = 10): StudiedClass => ({
  ...{ label, name: `c${10 - label}`, imageCount, predictedCount: 10, rightCount: 5 },
  ...{ precision: 0.5, recall, f1: 0.5, averagePrecision: recall, loss: 1 },
})
const study = {
  classes: [classOf(0, 0.9), classOf(1, 0.2, 30), classOf(2, null, 0), classOf(3, 0.5)],
  cells: [0, 0, 9, 0, 3, 1, 1, 1, 6, 1, 0, 20, 1, 3, 4, 3, 3, 5, 3, 1, 5],
  order: [2, 0, 1, 3],
}

test('a matrix holds its cells in every order, and those of chosen classes alone', () => {
  const similar = matrixModel(study, 'similar', null)
  assert.deepEqual([...similar.labels], [2, 0, 1, 3])
  assert.equal(similar.at(2, 1), 20)
  assert.equal(similar.at(0, 0), 0)
  assert.equal(similar.mostWrong, 20)
  assert.deepEqual([...matrixModel(study, 'recall', null).labels], [1, 3, 0, 2])
  assert.deepEqual([...matrixModel(study, 'size', null).labels], [1, 0, 3, 2])
  assert.deepEqual([...matrixModel(study, 'name', null).labels], [3, 2, 1, 0])
  const part = matrixModel(study, 'label', new Set([1, 3]))
  assert.deepEqual([...part.labels], [1, 3])
  assert.deepEqual([...part.placeOf], [-1, 0, -1, 1])
  assert.equal(part.at(1, 0), 5)
})

test('mistakes are listed by number, and the worst stand beside what they are taken for', () => {
  const found = confusionsOf(study)
  assert.deepEqual(
    found.map(({ truth, predicted, count }) => [truth, predicted, count]),
    [
      [1, 0, 20],
      [3, 1, 5],
      [1, 3, 4],
      [0, 3, 1],
    ],
  )
  assert.ok(Math.abs(found[0]!.share - 2 / 3) < 1e-12)
  assert.deepEqual([...worstLabels(found, 2)], [1, 0])
})

test('zooming keeps what is under the pointer, and never leaves the matrix', () => {
  const frame = { width: 500, height: 400, size: 1000 }
  const whole = wholeView(frame)
  assert.ok(whole.cell * frame.size <= 400)
  const near = zoomedView(whole, frame, 20, 200, 100)
  const at = (view: typeof whole) => [view.x + 200 / view.cell, view.y + 100 / view.cell]
  for (const [place, before] of at(near).map((value, axis) => [value, at(whole)[axis]!] as const))
    assert.ok(Math.abs(place - before) < 1e-9)
  assert.deepEqual(heldView({ x: -5, y: 1e6, cell: 10 }, frame), { x: 0, y: 960, cell: 10 })
  assert.equal(zoomedView(whole, frame, 0.1, 0, 0).cell, whole.cell)
  const seen = revealedView(whole, frame, 700, 12, 14)
  const cell = cellAt(seen, frame, (12.5 - seen.x) * seen.cell, (700.5 - seen.y) * seen.cell)
  assert.deepEqual(cell, { row: 700, column: 12 })
  assert.equal(cellAt(whole, frame, 499, 399), null)
})

test('a cell smaller than a pixel can be pointed at, a mistake before a right one', () => {
  const view = { x: 0, y: 0, cell: 0.4 }
  const [rows, columns] = [Int32Array.of(100, 101, 900), Int32Array.of(100, 103, 20)]
  assert.deepEqual(nearestFilled(view, rows, columns, 41, 40.4, 6), { row: 101, column: 103 })
  assert.equal(nearestFilled(view, rows, columns, 200, 200, 6), null)
})

test('keys go from cell to cell, and with Shift to the next mistake', () => {
  const model = matrixModel(study, 'label', null)
  const from = { row: 1, column: 0 }
  assert.deepEqual(matrixKey('ArrowRight', from, model, false), { cell: { row: 1, column: 1 } })
  assert.deepEqual(matrixKey('ArrowRight', from, model, true), { cell: { row: 1, column: 3 } })
  assert.deepEqual(matrixKey('ArrowUp', { row: 0, column: 0 }, model, false), {
    cell: { row: 0, column: 0 },
  })
  assert.deepEqual(matrixKey('ArrowDown', null, model, false), { cell: { row: 0, column: 0 } })
  assert.deepEqual(matrixKey('Escape', from, model, false), { cell: null })
  assert.equal(matrixKey('x', from, model, false), null)
})

test('classes without a figure come last, whichever way they are sorted', () => {
  const labels = (isDown: boolean) => sortedClasses(study.classes, 'recall', isDown).map(({ label }) => label)
  assert.deepEqual(labels(false), [1, 3, 0, 2])
  assert.deepEqual(labels(true), [0, 3, 1, 2])
})

test('a stepped line holds its value until the next point', () => {
  const points = [
    { x: 0, y: 1 },
    { x: 0.5, y: 0.4 },
  ]
  const line = { name: 'a', color: 'red', points }
  const same = (value: number): number => value
  assert.equal(pathOf(line, same, same), 'M0.0 1.0L0.5 0.4')
  assert.equal(pathOf({ ...line, isStepped: true }, same, same), 'M0.0 1.0L0.0 0.4L0.5 0.4')
  assert.deepEqual(nearestIn(points, 0.4), points[1])
  assert.equal(nearestIn([], 0.4), undefined)
})

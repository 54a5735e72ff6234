/** What the page of comparisons computes by itself: sides in the address, verdicts, rows, orders, movements of ranks. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ComparedCheckpoint, Comparison, PairFigures } from '../../../core/contract/index.ts'
import {
  classRow,
  orderedClasses,
  orderText,
  parseOrder,
} from '../../../renderer/panels/Compare/classOrder.ts'
import { figureRows, settingRows } from '../../../renderer/panels/Compare/figures.ts'
import { overlap, rankMoves } from '../../../renderer/panels/Compare/rankMoves.ts'
import { listed, moved, sideQuery, sidesOf } from '../../../renderer/panels/Compare/sides.ts'
import { points, pText, verdictOf, verdictText } from '../../../renderer/panels/Compare/verdict.ts'

const checkpoint = (id: string, metrics: Record<string, number>, step = 10): ComparedCheckpoint => ({
  ...{ id, runId: 'r-1', runName: 'one', model: 'm', datasetId: 'd', datasetName: 'd', step, epoch: 1 },
  ...{ name: `step-${step}`, path: '', sizeBytes: 100, status: 'valid', isBest: false, isNewest: false },
  ...{ isPinned: false, metrics, createdAt: 0, label: '', removedAt: null },
})
const none = { classification: null, hasPredictions: false, retrieval: null }
const comparison = (sides: Comparison['sides']): Comparison => ({
  ...{ sides, datasets: [], chosen: null, evaluations: sides.map(() => none) },
})
const pair = (gained: number, lost: number, adjusted: number): PairFigures => ({
  ...{ first: 0, second: 1, gained, lost, bothRight: 50, bothWrong: 50 - gained - lost, disagree: 0 },
  ...{ difference: { estimate: (gained - lost) / 100, low: -0.01, high: 0.2 }, p: adjusted, adjusted },
})

test('sides have letters by their place, and an address that gives them back', () => {
  const sides = sidesOf(
    comparison([
      { runId: 'r-1', checkpoint: checkpoint('c-1', {}) },
      { runId: 'r-2', checkpoint: null },
      { runId: null, checkpoint: null },
    ]),
    ['c-1', 'r-2', 'c-9'],
  )
  assert.deepEqual(
    sides.map(({ key, letter }) => key + letter),
    ['c-1A', 'r-2B', 'c-9C'],
  )
  assert.deepEqual(sideQuery(sides), { checkpoints: 'c-1,c-9', runs: 'r-2' })
  assert.deepEqual(listed('a,,b,a'), ['a', 'b'])
  assert.deepEqual(moved(['a', 'b', 'c'], 2, -1), ['a', 'c', 'b'])
  assert.deepEqual(moved(['a', 'b'], 0, -1), ['a', 'b'])
})

test('a verdict needs more than chance, and says which way', () => {
  assert.equal(verdictOf(pair(20, 5, 0.004)), 'better')
  assert.equal(verdictOf(pair(5, 20, 0.004)), 'worse')
  assert.equal(verdictOf(pair(12, 8, 0.5)), 'unclear')
  assert.equal(verdictOf(pair(0, 0, 1)), 'same')
  assert.match(verdictText(pair(20, 5, 0.004), 'A', 'B'), /100 images B alone is right on 20, A alone on 5/)
  assert.match(verdictText(pair(12, 8, 0.5), 'A', 'B'), /Chance .* too often \(p = 0\.50\)/)
  assert.deepEqual(
    [points(0.379), points(-0.02), points(0), points(null)],
    ['+37.9 pp', '−2.0 pp', '±0.0 pp', '–'],
  )
  assert.deepEqual([pText(0), pText(0.0042), pText(0.34)], ['p < 0.0001', 'p = 0.0042', 'p = 0.34'])
})

test('figures tell changes against the baseline, the best, and what is the same', () => {
  const sides = sidesOf(
    comparison([
      { runId: 'r-1', checkpoint: checkpoint('c-1', { 'val/top1': 0.5, 'val/loss': 1 }) },
      { runId: 'r-1', checkpoint: checkpoint('c-2', { 'val/top1': 0.6, 'val/loss': 1.5 }, 20) },
    ]),
    ['c-1', 'c-2'],
  )
  const rows = new Map(figureRows(sides, sides[0]!).own.map(row => [row.name, row]))
  assert.deepEqual(rows.get('val/top1')?.cells[1], {
    ...{ text: '60.00 %', change: '+10.00 pp', sense: 'better', isBest: true },
  })
  assert.equal(rows.get('val/loss')?.cells[1]?.sense, 'worse')
  assert.equal(rows.get('Step')?.cells[1]?.sense, 'neither')
  assert.equal(rows.get('Epoch')?.differs, false)
})

test('settings are rows by path; lists are one value', () => {
  const rows = settingRows([{ a: { b: 1, c: [1, 2] } }, { a: { b: 2, c: [1, 2] }, d: 'x' }], 0)
  assert.deepEqual(
    rows.map(({ name, differs }) => [name, differs]),
    [
      ['a.b', true],
      ['a.c', false],
      ['d', true],
    ],
  )
  assert.deepEqual(
    rows[2]!.cells.map(({ text }) => text),
    ['–', 'x'],
  )
})

test('classes are ordered by any column, those without images last', () => {
  const rows = [
    { label: 0, name: 'class 10', imageCount: 4, right: [2, 3], gained: 2, lost: 1, p: 1, adjusted: 1 },
    { label: 1, name: 'class 9', imageCount: 4, right: [4, 1], gained: 0, lost: 3, p: 1, adjusted: 1 },
    { label: 2, name: 'none', imageCount: 0, right: [0, 0], gained: 0, lost: 0, p: 1, adjusted: 1 },
  ].map(each => classRow(each, 0, 1))
  const names = (sort: string, search = ''): string[] =>
    orderedClasses(rows, search, parseOrder(sort)).map(({ name }) => name)
  assert.deepEqual(names(''), ['class 9', 'class 10', 'none'])
  assert.deepEqual(names('-change'), ['class 10', 'class 9', 'none'])
  assert.deepEqual(names('name'), ['class 9', 'class 10', 'none'])
  assert.deepEqual(names('name', 'CLASS 10'), ['class 10'])
  assert.equal(orderText(parseOrder('-gained')), '-gained')
})

test('a rank moves by its place in the other list', () => {
  assert.deepEqual(
    rankMoves(['b', 'a', 'x'], ['a', 'c', 'b']).map(({ rise, other }) => [rise, other]),
    [
      [2, 3],
      [-1, 1],
      [null, null],
    ],
  )
  assert.equal(overlap(['a', 'b'], ['b', 'c'], 2), 0.5)
  assert.equal(overlap([], [], 5), 0)
})

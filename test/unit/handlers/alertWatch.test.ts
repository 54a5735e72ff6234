/** Rules about running training, judged point by point. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AlertRule, StepPoint } from '../../../core/contract/index.ts'
import { AlertWatch } from '../../../core/handlers/alertWatch.ts'
import { gpuFigures, driverId } from '../../../core/backend/watchGpu.ts'
import { markedParts } from '../../../renderer/panels/Run/markedParts.ts'

const minute = 60_000

function watching(rule: Omit<AlertRule, 'id' | 'isOn'>) {
  const rang: string[] = []
  let nowMs = 0
  const watch = new AlertWatch({
    rules: () => [{ id: 'rule-1', isOn: true, ...rule }],
    onAlert: (run, { metric, value, step }) => rang.push(`${run} ${metric} ${value} at ${step}`),
    nowMs: () => nowMs,
  })
  const points = (values: readonly StepPoint['values'][string][], from = 1): void =>
    watch.points(
      'r-1',
      1,
      values.map((value, index) => ({
        ...{ step: from + index, epoch: 0, wallMs: 0 },
        values: { 'train/loss': value, 'train/lr': 0.1 },
      })),
    )
  return { rang, watch, points, wait: (ms: number) => (nowMs += ms) }
}

test('a limit rings when it is crossed, once, and again only after a while', () => {
  const { rang, points, wait } = watching({ kind: 'above', metric: 'train/loss', limit: 2 })
  points([1, 2, 2.5, 3, 1, 4], 1)
  assert.deepEqual(rang, ['r-1 train/loss 2.5 at 3'])
  wait(11 * minute)
  points([5], 7)
  assert.equal(rang.length, 1, 'it has been above all the time')
  points([1, 6], 8)
  assert.deepEqual(rang.slice(1), ['r-1 train/loss 6 at 9'])
})

test('any value that is not finite rings, and says which', () => {
  const { rang, points } = watching({ kind: 'not-finite', metric: '', limit: 0 })
  points([1, 'NaN', 'NaN'])
  assert.deepEqual(rang, ['r-1 train/loss NaN at 2'])
})

test('a metric that does not improve rings with its best value', () => {
  const { rang, points } = watching({ kind: 'no-improvement', metric: 'train/loss', limit: 3 })
  points([3, 2, 2.5, 2.2, 2.1, 2.4])
  assert.deepEqual(rang, ['r-1 train/loss 2 at 5'])
})

test('a run without progress rings, and one that has ended does not', () => {
  const { rang, watch, points, wait } = watching({ kind: 'no-progress', metric: '', limit: 5 })
  points([1])
  wait(4 * minute)
  const progress = { phase: 'evaluating', done: 3, total: 9, etaMs: null }
  watch.changed({ id: 'r-1', status: 'running', step: 1, progress })
  wait(4 * minute)
  watch.tick()
  assert.deepEqual(rang, [])
  wait(minute)
  watch.tick()
  assert.deepEqual(rang, ['r-1  null at 1'])
  watch.changed({ id: 'r-1', status: 'finished', step: 1, progress: null })
  wait(60 * minute)
  watch.tick()
  assert.equal(rang.length, 1)
})

test('lines of the GPU program are read, and what a card does not tell is left out', () => {
  assert.deepEqual(gpuFigures('37, 5120, 61, 182.50'), {
    'system/gpuShare': 0.37,
    'system/gpuMemoryBytes': 5120 * 2 ** 20,
    'system/gpuCelsius': 61,
    'system/gpuWatts': 182.5,
  })
  assert.deepEqual(gpuFigures('[N/A], 1, [N/A], [N/A]'), { 'system/gpuMemoryBytes': 2 ** 20 })
  assert.equal(driverId('cuda:1', '3,7'), '7')
  assert.equal(driverId('cuda:1', undefined), '1')
})

test('what was searched for is marked wherever it stands', () => {
  const marked = markedParts('Loss: loss', 'LOSS').map(part => (part.isMarked ? `[${part.text}]` : part.text))
  assert.deepEqual(marked, ['[Loss]', ': ', '[loss]'])
})

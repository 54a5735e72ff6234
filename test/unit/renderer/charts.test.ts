/** Curves, smoothing and scales. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Curve } from '../../../core/contract/index.ts'
import { formatPlace, formatTick, xTicks } from '../../../renderer/charts/axis.ts'
import {
  appendPoints,
  columnsOf,
  densestGap,
  linesOf,
  stepRange,
  trainingClock,
  type CurveColumns,
} from '../../../renderer/charts/curves.ts'
import { nearestPoint } from '../../../renderer/charts/nearest.ts'
import { extent, logRange, roundRange, valueRange } from '../../../renderer/charts/scale.ts'
import { smooth, type Point } from '../../../renderer/charts/smoothing.ts'
import { chartsFor } from '../../../renderer/panels/Run/charted.ts'

function curve(changes: Partial<Curve> = {}): Curve {
  const step = changes.step ?? [0, 10, 20]
  const last = changes.last ?? step.map(each => each / 10)
  return {
    name: 'loss',
    split: 'train',
    attempt: 1,
    step,
    epoch: step.map(each => each / 100),
    wallMs: step.map(each => 1_000_000 + each * 1000),
    min: last,
    max: last,
    last,
    nonFinite: [],
    orphanedFromStep: null,
    ...changes,
  }
}

test('smoothing a constant leaves it as it is, from the first point on', () => {
  const points = Array.from({ length: 20 }, (_, index): Point => [index, 3])
  for (const [, y] of smooth(points, 0.9)) assert.ok(Math.abs(y - 3) < 1e-12)
})

test('smoothing is the weighted mean of all points so far', () => {
  const ys = [4, 8, 1, 5]
  const weight = 0.6
  const points = ys.map((y, index): Point => [index, y])
  smooth(points, weight).forEach(([, y], at) => {
    const weights = ys.slice(0, at + 1).map((_, index) => weight ** (at - index))
    const total = weights.reduce((a, b) => a + b, 0)
    const mean = weights.reduce((sum, each, index) => sum + each * (ys[index] ?? 0), 0) / total
    assert.ok(Math.abs(y - mean) < 1e-12)
  })
})

test('a series of every tenth step lags no more than one of every step', () => {
  // A ramp: the mean of what is behind lags by weight / (1 - weight) steps, whatever the distance of the points.
  const weight = 0.9
  const lag = (every: number): number => {
    const points = Array.from({ length: 2000 / every }, (_, index): Point => [index * every, index * every])
    const last = smooth(
      points,
      weight,
      points.map(([x]) => x),
    ).at(-1)
    return (last?.[0] ?? 0) - (last?.[1] ?? 0)
  }
  assert.ok(Math.abs(lag(1) - 9) < 1e-6)
  assert.ok(lag(10) < 9, `${lag(10)} steps`)
  assert.ok(lag(100) < 1, `${lag(100)} steps`)
})

test('a short attempt with every step does not undo the smoothing of a long one', () => {
  const long = Array.from({ length: 500 }, (_, index) => index * 50)
  const curves = [
    columnsOf(curve({ step: long, orphanedFromStep: null })),
    columnsOf(curve({ attempt: 2, step: [25_000, 25_001, 25_002] })),
    columnsOf(curve({ name: 'totalLoss', step: [0, 500, 1000] })),
    columnsOf(curve({ split: 'val', step: [1, 2] })),
  ]
  assert.ok(Math.abs(densestGap(curves) - 50) < 1)
  assert.equal(densestGap([]), 1)
})

test('legend and table get the values as recorded', () => {
  const curves = [columnsOf(curve({ last: [4, 0, 8] }))]
  const { main, exact } = linesOf(curves, 'train/loss', 'step', trainingClock(curves), 0.9)
  assert.deepEqual(
    exact.map(([, y]) => y),
    [4, 0, 8],
  )
  assert.notEqual(main.at(-1)?.[1], 8)
})

test('a value that is not finite disturbs nothing after it', () => {
  const smoothed = smooth(
    [
      [0, 1],
      [1, Number.NaN],
      [2, 1],
    ],
    0.9,
  )
  assert.deepEqual(
    smoothed.map(([x, y]) => [x, Number(y.toFixed(9))]),
    [
      [0, 1],
      [2, 1],
    ],
  )
})

test('live points lengthen a curve once, whatever arrives twice', () => {
  const curves = [columnsOf(curve())]
  const point = { step: 30, epoch: 0.3, wallMs: 1_030_000, values: { 'train/loss': 7, 'val/top1': 0.5 } }
  assert.equal(appendPoints(curves, 1, [point]), 2)
  assert.equal(appendPoints(curves, 1, [point]), 0)
  assert.deepEqual(curves.find(each => each.key === 'train/loss')?.last, [0, 1, 2, 7])
  assert.deepEqual(curves.find(each => each.key === 'val/top1')?.last, [0.5])
})

test('a live value that is not finite is told apart from a point', () => {
  const curves: CurveColumns[] = []
  appendPoints(curves, 1, [{ step: 1, epoch: 0, wallMs: 0, values: { 'train/loss': 'NaN' } }])
  assert.deepEqual(curves[0]?.nonFinite, [{ step: 1, value: 'NaN' }])
  assert.deepEqual(curves[0]?.step, [])
})

test('what a later attempt replaced is drawn apart, and joins where it left', () => {
  const curves = [
    columnsOf(curve({ step: [0, 10, 20, 30], orphanedFromStep: 20 })),
    columnsOf(curve({ attempt: 2, step: [20, 30, 40] })),
  ]
  const { main, orphans } = linesOf(curves, 'train/loss', 'step', trainingClock(curves), 0)
  assert.deepEqual(
    main.map(([x]) => x),
    [0, 10, 20, 30, 40],
  )
  assert.deepEqual(
    orphans.map(line => line.map(([x]) => x)),
    [[10, 20, 30]],
  )
})

test('the extremes of every bucket are kept, so that no spike is lost by smoothing', () => {
  const curves = [columnsOf(curve({ min: [0, 0, 2], max: [0, 99, 2] }))]
  const { main, raw } = linesOf(curves, 'train/loss', 'step', trainingClock(curves), 0.9)
  assert.ok(Math.max(...main.map(([, y]) => y)) < 3)
  assert.equal(Math.max(...raw.map(([, y]) => y)), 99)
})

test('a series with one point in each bucket and no smoothing has no raw line beside it', () => {
  const curves = [columnsOf(curve())]
  assert.deepEqual(linesOf(curves, 'train/loss', 'step', trainingClock(curves), 0).raw, [])
})

test('training time leaves out the pause between two attempts', () => {
  const first = curve({ step: [0, 10], wallMs: [1000, 11_000] })
  const second = curve({ attempt: 2, step: [20, 30], wallMs: [9_000_000, 9_005_000] })
  const curves = [columnsOf(first), columnsOf(second)]
  const clock = trainingClock(curves)
  assert.equal(clock(1, 1000), 0)
  assert.equal(clock(1, 11_000), 10)
  assert.equal(clock(2, 9_000_000), 10)
  assert.equal(clock(2, 9_005_000), 15)
})

test('training time of a replaced end does not count', () => {
  const first = curve({ step: [0, 10, 20], wallMs: [0, 10_000, 20_000], orphanedFromStep: 20 })
  const second = curve({ attempt: 2, step: [20], wallMs: [100_000] })
  const curves = [columnsOf(first), columnsOf(second)]
  assert.equal(trainingClock(curves)(2, 100_000), 10)
})

test('a zoom on any axis is a range of steps that reaches past both edges', () => {
  const curves = [columnsOf(curve({ step: [0, 10, 20, 30, 40] }))]
  const clock = trainingClock(curves)
  assert.deepEqual(stepRange(curves, 'step', clock, 12, 28), { from: 10, to: 30 })
  assert.deepEqual(stepRange(curves, 'epoch', clock, 0.12, 0.28), { from: 10, to: 30 })
  assert.deepEqual(stepRange(curves, 'time', clock, 12, 28), { from: 10, to: 30 })
  assert.equal(stepRange([], 'step', clock, 0, 1), null)
})

test('an axis has round ends around its values, and none below zero for what is never negative', () => {
  for (const [min, max] of [
    [0.013, 2.31],
    [0, 0],
    [5, 5],
    [-3, 4],
    [1e-7, 3e-7],
    [469, 475],
  ] as const) {
    const range = roundRange({ min, max })
    assert.ok(range.min <= min && range.max >= max, `${min} to ${max}: ${JSON.stringify(range)}`)
    assert.ok(range.max > range.min)
    const steps = (range.max - range.min) / range.interval
    assert.ok(Math.abs(steps - Math.round(steps)) < 1e-6 && steps <= 12)
    if (min >= 0) assert.ok(range.min >= 0)
  }
  assert.equal(roundRange({ min: 0.2, max: 0.99 }, 1).max, 1)
})

test('outliers stretch the axis only when they are wanted', () => {
  const points = Array.from({ length: 200 }, (_, index): Point => [index, index === 100 ? 1e6 : index / 200])
  assert.equal(valueRange([points], 0, 200)?.max, 1e6)
  assert.ok((valueRange([points], 0, 200, { isRobust: true })?.max ?? 0) <= 1)
})

test('the range of values is that of the part in sight, and log axes leave out what is not positive', () => {
  const points: Point[] = [
    [0, -1],
    [1, 0.5],
    [2, 9],
    [3, Number.POSITIVE_INFINITY],
  ]
  assert.deepEqual(valueRange([points], 1, 2), { min: 0.5, max: 9 })
  assert.deepEqual(valueRange([points], 0, 3, { isLog: true }), { min: 0.5, max: 9 })
  assert.equal(valueRange([points], 0, 0, { isLog: true }), null)
  assert.ok(logRange({ min: 1, max: 1 }).max > logRange({ min: 1, max: 1 }).min)
  assert.deepEqual(extent([points]), { min: 0, max: 3 })
  assert.equal(extent([[]]), null)
})

test('the cursor takes the nearest point', () => {
  const points: Point[] = [
    [0, 1],
    [10, 2],
    [20, 3],
  ]
  assert.deepEqual(nearestPoint(points, -5), [0, 1])
  assert.deepEqual(nearestPoint(points, 14), [10, 2])
  assert.deepEqual(nearestPoint(points, 16), [20, 3])
  assert.deepEqual(nearestPoint(points, 99), [20, 3])
  assert.equal(nearestPoint([], 1), null)
})

test('places on the axes read as people say them', () => {
  assert.equal(formatPlace('time', 3725), '1:02:05')
  assert.equal(formatPlace('time', 65), '1:05')
  assert.equal(formatPlace('step', 12100), 'step 12,100')
  assert.equal(formatPlace('epoch', 1.234), 'epoch 1.23')
  assert.deepEqual(xTicks('time', { min: 0, max: 3600 }, false, 6), [0, 600, 1200, 1800, 2400, 3000, 3600])
})

test('validation and the learning rate are drawn as they are, training figures smoothed', () => {
  const keys = new Set([
    'train/loss',
    'val/loss',
    'train/top1',
    'val/top1',
    'train/lossScale',
    'train/lr',
    'mine/new',
  ])
  const series = chartsFor(keys).flatMap(chart => chart.series)
  const exact = series.filter(each => each.isExact).map(each => each.key)
  assert.deepEqual(exact.sort(), ['train/lossScale', 'train/lr', 'val/loss', 'val/top1'])
})

test('however short a run was, its axes of time have two labels or more, and no two alike', () => {
  const begin = Date.UTC(2026, 10, 26, 9, 41, 2, 837)
  for (const span of [0.04, 0.3, 0.9, 2.1, 4, 31, 700, 40_000, 400_000]) {
    for (const wanted of [2, 4, 6]) {
      for (const [axis, from, second] of [
        ['time', 0.7, 1],
        ['wall', begin, 1000],
      ] as const) {
        const range = { min: from, max: from + span * second }
        const labels = xTicks(axis, range, false, wanted).map(tick => formatTick(axis, tick, range))
        assert.ok(labels.length >= 2 && labels.length <= 12, `${axis} ${span} s, ${wanted}: ${labels}`)
        assert.equal(new Set(labels).size, labels.length, `${labels}`)
      }
    }
  }
  const range = { min: begin, max: begin + 900 }
  assert.match(formatTick('wall', xTicks('wall', range, false, 4)[0]!, range), /:41:03\.00$/)
})

/** Schedules against torch's and timm's (test/fixtures/training/*schedules.py), and against values worked out by hand from each recipe. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { schedules } from '../../../core/schedules/index.ts'
import type { RunLength } from '../../../core/schedules/shared/schedule.ts'

interface Runs extends RunLength {
  readonly cases: { name: string; options: Record<string, unknown>; rates: number[] }[]
}
const read = (name: string): Runs =>
  JSON.parse(readFileSync(new URL(`../../fixtures/training/${name}.json`, import.meta.url), 'utf8')) as Runs

describe('usual schedules', () => {
  for (const [of, runs] of [
    ['torch', read('schedules')],
    ['timm', read('timm-schedules')],
  ] as const)
    for (const { name, options, rates } of runs.cases)
      it(`${name} with ${JSON.stringify(options)} follows ${of}`, () => {
        const schedule = schedules.create({ name, options })
        // Chained schedulers multiply from step to step and drift by some ulps.
        rates.forEach((rate, step) => assertNear(schedule(step, runs), rate, 1e-9))
      })

  it('warm up in a straight line over a fraction of an epoch', () => {
    const options = { learningRate: 1, warmupEpochs: 0.5, warmupStart: 0.2 }
    const schedule = schedules.create({ name: 'constant', options })
    const length = { stepsPerEpoch: 8, epochs: 1 }
    assert.deepEqual(
      [0, 1, 2, 3, 4, 7].map(step => Number(schedule(step, length).toFixed(12))),
      [0.2, 0.4, 0.6, 0.8, 1, 1],
    )
  })

  it('refuse milestones that do not rise', () => {
    const options = { milestones: [30, 30] }
    assert.throws(
      () => schedules.create({ name: 'multi-step', options }, 'schedule'),
      /schedule\.options\.milestones/,
    )
  })
})

describe('recipes', () => {
  check('mindspore-linear', { learningRate: 0.8, warmupEpochs: 2 }, { stepsPerEpoch: 626, epochs: 90 }, [
    [0, 0],
    [1, 0.000639],
    [1251, 0.799361],
    [1252, 0.8],
    [28170, 0.409091],
    [56339, 1.5e-5],
  ])
  check('mindspore-cosine', { learningRate: 0.1, warmupEpochs: 2 }, { stepsPerEpoch: 5004, epochs: 120 }, [
    [0, 1e-5],
    [10007, 0.1],
    [10008, 0.099938],
    [300240, 0.027183],
    [600479, 1e-6],
  ])
  // i = W is the peak; half of D later (1 − ½)²; W = 20, D = 80, T = 100.
  check(
    'mindspore-poly',
    { learningRate: 2, initialLearningRate: 1, warmupEpochs: 2 },
    { stepsPerEpoch: 10, epochs: 10 },
    [
      [0, 1],
      [10, 1.5],
      [20, 2],
      [60, 0.5],
      [99, 2 / 6400],
    ],
  )
  check('mindspore-step', { learningRate: 0.1 }, { stepsPerEpoch: 10, epochs: 10 }, [
    [0, 0.1],
    [19, 0.1],
    [20, 0.01],
    [50, 0.001],
    [70, 0.0001],
    [89, 0.0001],
    [90, 5e-5],
  ])
  check('mindspore-steps', { learningRate: 1, warmupEpochs: 1 }, { stepsPerEpoch: 10, epochs: 10 }, [
    [0, 0],
    [5, 0.5],
    [10, 1],
    [29, 1],
    [30, 0.1],
    [60, 0.01],
    [80, 0.001],
    [99, 0.001],
  ])
  check('ascend-cosine', { learningRate: 0.1 }, { stepsPerEpoch: 1, epochs: 140 }, [
    [0, 0.016667],
    [4, 0.083333],
    [5, 0.1],
    [70, 0.052907],
    [139, 1.4e-5],
  ])

  check(
    'mindspore-warmup-cosine-annealing',
    { learningRate: 0.1, warmupEpochs: 2 },
    { stepsPerEpoch: 5004, epochs: 120 },
    [
      [0, 1e-5],
      [10007, 0.1],
      [10008, 0.099938],
      [300240, 0.027183],
      [600479, 1e-6],
    ],
  )
  // Steps of a tenth of an epoch; the recipe counts a step when it is over.
  check('mindspore-thor', {}, { stepsPerEpoch: 10, epochs: 45 }, [
    [9, 0.05368691],
    [99, 0.0247061],
    [199, 0.00838188],
    [388, 0.05803 * (1 - 38.9 / 53) ** 4.0839],
    [389, 1.2634e-4],
    [399, 4.667e-5],
  ])
  check('ascend-inception-cosine', {}, { stepsPerEpoch: 10, epochs: 100 }, [
    [0, 0.045],
    [20, (0.045 * (1 + Math.cos(0.02 * Math.PI))) / 2],
    [29, (0.045 * (1 + Math.cos(0.02 * Math.PI))) / 2],
    [500, 0.0225],
    [999, (0.045 * (1 + Math.cos(0.99 * Math.PI))) / 2],
  ])
  // tanh(−7) = −0.9999983, tanh(−2) = −0.9640276, tanh(2.5) = 0.9866143; W = 10 of 50 steps.
  check(
    'tanh',
    { learningRate: 1, warmupEpochs: 1, finalLearningRate: 0.1 },
    { stepsPerEpoch: 10, epochs: 5 },
    [
      [5, 0.5],
      [10, 0.1 + 0.45 * 1.9999983],
      [30, 0.1 + 0.45 * 1.9640276],
      [48, 0.1 + 0.45 * (1 - 0.9866143)],
    ],
  )
  // The cosine goes on as if there had been no warm-up: at half of the run it is half.
  check(
    'timm-cosine',
    { learningRate: 1, warmupEpochs: 5, warmupStart: 1e-5 },
    { stepsPerEpoch: 1, epochs: 20 },
    [
      [0, 1e-5],
      [1, 0.200008],
      [5, (1 + Math.SQRT1_2) / 2],
      [10, 0.5],
      [15, (1 - Math.SQRT1_2) / 2],
    ],
  )

  it('slim-exponential changes every two epochs from a hundredth, as slim by default', () => {
    const schedule = schedules.create({ name: 'slim-exponential', options: { learningRate: 0.01 } })
    const length = { stepsPerEpoch: 3, epochs: 9 }
    assertNear(schedule(5, length), 0.01, 1e-12)
    assertNear(schedule(6, length), 0.0094, 1e-12)
    assertNear(schedule(26, length), 0.01 * 0.94 ** 4, 1e-12)
  })

  it('ascend-cosine changes between epochs only', () => {
    const schedule = schedules.create({ name: 'ascend-cosine' })
    const length = { stepsPerEpoch: 10, epochs: 20 }
    assert.equal(schedule(90, length), schedule(99, length))
    assert.notEqual(schedule(99, length), schedule(100, length))
  })
})

describe('every schedule', () => {
  for (const { name, source } of schedules.list()) {
    it(`${name} is finite and not negative at every step of any run, and cites a source`, () => {
      assert.ok(source.length > 0)
      const schedule = schedules.create({ name })
      for (const length of [
        { stepsPerEpoch: 1, epochs: 1 },
        { stepsPerEpoch: 3, epochs: 2 },
        { stepsPerEpoch: 5, epochs: 40 },
      ]) {
        for (let step = 0; step < length.stepsPerEpoch * length.epochs; step++) {
          const rate = schedule(step, length)
          assert.ok(
            Number.isFinite(rate) && rate >= 0,
            `${rate} at step ${step} of ${JSON.stringify(length)}`,
          )
        }
      }
    })
  }
})

/** Expected values are rounded as published: six significant places after the point. */
function check(
  name: string,
  options: Record<string, unknown>,
  length: RunLength,
  expected: [number, number][],
): void {
  it(`${name} gives the recipe's learning rates`, () => {
    const schedule = schedules.create({ name, options })
    for (const [step, rate] of expected) assertNear(schedule(step, length), rate, 6e-7)
  })
}

function assertNear(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `expected ${expected}, got ${actual}`)
}

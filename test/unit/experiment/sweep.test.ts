/** The settings of sweeps, against numbers that numpy gives and against chance. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listPresets, settingText, sweepConfigs, sweepSettings } from '../../../core/experiment/index.ts'
import type { Sweep, SweptField, SweptRange } from '../../../core/experiment/index.ts'

const rate = 'schedule.options.learningRate'
const field = (path: string, values: readonly unknown[]): SweptField => ({ path, values, range: null })
const ranged = (path: string, range: Partial<SweptRange>): SweptField => ({
  path,
  values: [],
  range: { from: 0, to: 1, scale: 'linear', count: 3, isInteger: false, ...range },
})
const sweep = (fields: readonly SweptField[], changes: Partial<Sweep> = {}): Sweep => ({
  ...{ fields, search: 'grid', count: 10, seed: 0, mostRuns: 100 },
  ...changes,
})

test('a grid goes through every combination, the last field fastest, and stops at the most runs', () => {
  const fields = [field('optimizer.name', ['sgd', 'adamw']), field('training.batchSize', [16, 32, 32, 64])]
  const { total, settings, issues } = sweepSettings(sweep(fields))
  assert.deepEqual(issues, [])
  assert.equal(total, 6)
  assert.deepEqual(settings[0], ['sgd', 16])
  assert.deepEqual(settings[1], ['sgd', 32])
  assert.deepEqual(settings[5], ['adamw', 64])
  const cut = sweepSettings(sweep(fields, { mostRuns: 4 }))
  assert.deepEqual([cut.total, cut.settings.length], [6, 4])
})

test('ranges are even on their scale', () => {
  // numpy.geomspace(1e-4, 1, 5) and numpy.linspace(0, 1, 5)
  const log = sweepSettings(sweep([ranged(rate, { from: 1e-4, to: 1, scale: 'log', count: 5 })]))
  assert.deepEqual(log.settings.flat(), [0.0001, 0.001, 0.01, 0.1, 1])
  const linear = sweepSettings(sweep([ranged(rate, { count: 5 })]))
  assert.deepEqual(linear.settings.flat(), [0, 0.25, 0.5, 0.75, 1])
  const whole = sweepSettings(
    sweep([ranged('training.epochs', { from: 1, to: 3, count: 9, isInteger: true })]),
  )
  assert.deepEqual(whole.settings.flat(), [1, 2, 3])
})

test('a random search depends on its seed alone, and is even on the scale of its range', () => {
  const fields = [
    ranged(rate, { from: 1e-4, to: 1, scale: 'log' }),
    field('optimizer.name', ['sgd', 'adamw']),
  ]
  const drawn = (seed: number): readonly (readonly unknown[])[] =>
    sweepSettings(sweep(fields, { search: 'random', count: 1000, mostRuns: 1000, seed })).settings
  assert.deepEqual(drawn(7), drawn(7))
  assert.notDeepEqual(drawn(7), drawn(8))
  // Kolmogorov and Smirnov: for 1000 even numbers the distance stays below 1.95/√1000 in 999 of 1000 cases.
  const places = drawn(7)
    .map(([value]) => (Math.log10(Number(value)) + 4) / 4)
    .sort((a, b) => a - b)
  const distance = Math.max(...places.map((place, index) => Math.abs(place - (index + 0.5) / places.length)))
  assert.ok(distance < 1.95 / Math.sqrt(1000), `distance ${distance}`)
  const sgd = drawn(7).filter(([, name]) => name === 'sgd').length
  assert.ok(Math.abs(sgd - 500) < 60, `${sgd} of 1000`)
  const few = sweepSettings(sweep([field('training.seed', [1, 2, 3])], { search: 'random', count: 10 }))
  assert.deepEqual(few.settings.flat().sort(), [1, 2, 3])
  assert.equal(few.total, 3)
})

test('mistakes of a sweep are told with their field', () => {
  const issuesOf = (fields: readonly SweptField[]): string[] =>
    sweepSettings(sweep(fields)).issues.map(({ path, message }) => `${path}: ${message}`)
  assert.match(issuesOf([field('training.seed', [])])[0] ?? '', /training\.seed: expected at least one value/)
  assert.match(issuesOf([ranged(rate, { from: 1, to: 0.1 })])[0] ?? '', /a range that grows/)
  assert.match(issuesOf([ranged(rate, { from: 0, to: 1, scale: 'log' })])[0] ?? '', /above 0/)
  assert.match(issuesOf([field('a', [1]), field('a', [2])])[0] ?? '', /swept twice/)
})

test('every run is checked; a chosen entry brings its own defaults before its fields are set', () => {
  const preset = listPresets().find(({ name }) => name === 'sample')!
  const config = preset.config as Record<string, unknown>
  const fields = [
    field('optimizer.options.weightDecay', [0.01, 0.1]),
    field('optimizer.name', ['sgd', 'adamw']),
  ]
  const { configs, issues } = sweepConfigs(config, sweep(fields))
  assert.deepEqual(issues, [])
  const optimizers = configs.map(
    each => each['optimizer'] as { name: string; options: Record<string, unknown> },
  )
  assert.deepEqual(
    optimizers.map(({ name, options }) => [name, options['weightDecay']]),
    [
      ['sgd', 0.01],
      ['adamw', 0.01],
      ['sgd', 0.1],
      ['adamw', 0.1],
    ],
  )
  assert.ok('beta1' in optimizers[1]!.options && !('momentum' in optimizers[1]!.options))
  const bad = sweepConfigs(config, sweep([field('training.epochs', [1, 0])]))
  assert.equal(bad.issues[0]?.path, 'training.epochs')
  assert.match(bad.issues[0]?.message ?? '', /got 0 \(at epochs 0\)/)
  const unknown = sweepConfigs(config, sweep([field('training.epoch', [1])]))
  assert.match(unknown.issues[0]?.message ?? '', /unknown name/)
  assert.equal(settingText(fields, [0.1, 'sgd']), 'weightDecay 0.1, optimizer sgd')
})

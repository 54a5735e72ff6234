/** Axes of parallel coordinates: marks that can be read, and which settings have one. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shortLabel } from '../../../renderer/panels/Runs/fields.ts'
import { axisOf, isAxisPath, isOfLists, ticksOf } from '../../../renderer/panels/Runs/parallel/axes.ts'
import { fakeRun } from '../../e2e/fixtures/fakeThings.ts'

test('marks are never printed over each other, and the ends of an axis keep theirs', () => {
  const tops = [0.983, 0.444, 0.972, 0.983]
  const runs = tops.map((bestTop1, index) => ({ ...fakeRun(index), bestTop1 }))
  assert.deepEqual(
    ticksOf(axisOf('best', runs, new Map())).map(({ text }) => text),
    ['44.4 %', '98.3 %'],
  )
  const sizes = new Map([['training.batchSize', new Map(runs.map(({ id }, at) => [id, 32 + 32 * at]))]])
  assert.equal(ticksOf(axisOf('training.batchSize', runs, sizes)).length, 4)
  const words = Array.from({ length: 24 }, (_, at) => ({ ...fakeRun(at), model: `net-${at}` }))
  const places = ticksOf(axisOf('model', words, new Map())).map(({ place }) => place)
  assert.ok(places.length > 10)
  for (const [at, place] of places.slice(1).entries()) assert.ok(place - places[at]! > 0.06)
})

test('a setting has one axis, with a name that can be told from others', () => {
  assert.deepEqual(
    ['model.name', 'transforms.train.0.name', 'transforms.train.0.version'].filter(isAxisPath),
    [],
  )
  assert.ok(['schedule.name', 'transforms.train.0.options.padding', 'training.seed'].every(isAxisPath))
  assert.ok(isOfLists([null, '[0.1307]']))
  assert.ok(!isOfLists([null, 3, 'cosine']))
  assert.equal(shortLabel('transforms.train.0.options.padding'), 'train 1 · padding')
  assert.equal(shortLabel('transforms.eval.1.options.padding'), 'eval 2 · padding')
  assert.equal(shortLabel('optimizer.options.momentum'), 'momentum')
})

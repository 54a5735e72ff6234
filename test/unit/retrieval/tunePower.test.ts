/** Tuning GeM's power: one step against a difference quotient of the loss, and what it leaves alone. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startBackend } from '../../../core/backend/index.ts'
import { evaluate } from '../../../core/evaluation/index.ts'
import { bestPower, tunePower, type TuneOrder } from '../../../core/retrieval/tunePower.ts'
import { train } from '../../../core/training/index.ts'
import { recorder, tinyOrder, tinyPlace, type TinyPlace } from '../../crash/tinyRun.ts'

let place: TinyPlace
const checkpoints: Record<string, string> = {}
const quiet = { progress: () => {}, isCancelled: () => false }
const view = { size: 12 }

before(async () => {
  place = await tinyPlace()
  for (const [name, options] of Object.entries({
    fixed: { width: 2, pooling: 'gem', gemPower: 2 },
    learned: { width: 2, pooling: 'gem', gemPower: 2, learnGemPower: true },
    average: { width: 2 },
    max: { width: 2, pooling: 'max' },
  })) {
    const ports = recorder()
    const changes = { 'model.options': options, 'training.epochs': 1 }
    await train(tinyOrder(place, changes, { folder: `${place.folder}/${name}` }), ports)
    checkpoints[name] = ports.of('checkpoint').at(-1)!.checkpoint.path
  }
})
after(() => place.remove())

const order = (name: string, changes: Partial<TuneOrder> = {}): TuneOrder => ({
  ...{ checkpointPath: checkpoints[name]!, dataset: place.dataset, view, startBackend },
  ...changes,
})
const lossAt = async (name: string, power: number): Promise<number> => {
  const { checkpointPath, dataset } = order(name)
  return (await evaluate({ checkpointPath, dataset, split: 'train', view, power, startBackend }, quiet))!.loss
}

for (const name of ['fixed', 'learned'])
  test(`a step is the learning rate times the slope of the loss, from a power that is ${name}`, async () => {
    const step = { perClass: 1000, batchSize: 1000, learningRate: 0.5 }
    const tuned = await tunePower(order(name, step), quiet)
    const { before: start, power, imageCount } = tuned!
    assert.equal(imageCount, 22)
    const h = 0.05
    const slope = ((await lossAt(name, start + h)) - (await lossAt(name, start - h))) / (2 * h)
    const moved = (power - start) / step.learningRate
    assert.ok(Math.abs(moved + slope) < 2e-3 * Math.abs(slope) + 1e-6, `${moved} is not -${slope}`)
  })

test('the same seed tunes to the same power; fewer images a class are fewer', async () => {
  const [one, other] = [await tunePower(order('fixed'), quiet), await tunePower(order('fixed'), quiet)]
  assert.deepEqual(one, other)
  assert.equal((await tunePower(order('fixed', { perClass: 3 }), quiet))!.imageCount, 9)
})

test('networks without a power to tune are refused; it can be cancelled', async () => {
  await assert.rejects(tunePower(order('average'), quiet), /no GeM pooling whose power could be tuned/)
  await assert.rejects(tunePower(order('max'), quiet), /takes the maximum/)
  await assert.rejects(tunePower(order('fixed', { split: 'test' }), quiet), { code: 'not-found' })
  assert.equal(await tunePower(order('fixed'), { ...quiet, isCancelled: () => true }), null)
})

test('of several powers the one with the largest figure is best, of equal ones the first', async () => {
  const tried = await bestPower([1, 2, 3, 4], power => Promise.resolve([0.1, 0.5, 0.5, 0.2][power - 1]!))
  assert.equal(tried!.power, 2)
  assert.equal(await bestPower([1], () => Promise.resolve(null)), null)
  await assert.rejects(
    bestPower([], () => Promise.resolve(1)),
    /powers to try/,
  )
})

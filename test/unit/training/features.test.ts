/** What a configuration may ask of the training loop beside its length. */
import assert from 'node:assert/strict'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { listCheckpoints, loadCheckpoint, type LoadedCheckpoint } from '../../../core/checkpoints/index.ts'
import { train } from '../../../core/training/index.ts'
import { recorder, tinyOrder, tinyPlace, type Recorder, type TinyPlace } from '../../crash/tinyRun.ts'

let place: TinyPlace
before(async () => {
  place = await tinyPlace()
})
after(() => place.remove())
afterEach(() => rm(join(place.folder, 'run'), { recursive: true, force: true }))

async function trained(
  changes: Record<string, unknown>,
): Promise<{ ports: Recorder; last: LoadedCheckpoint }> {
  const ports = recorder()
  const order = tinyOrder(place, { 'checkpoints.keepLast': 1, ...changes })
  await train(order, ports)
  const folder = join(order.folder, 'checkpoints')
  const [name] = await listCheckpoints(folder)
  return { ports, last: await loadCheckpoint(join(folder, name!), { withOptimizer: true }) }
}

function values(
  checkpoint: LoadedCheckpoint,
  name: string,
  from: 'model' | 'average' = 'model',
): Float32Array {
  const { bytes } = checkpoint[from]!.get(name)!
  return new Float32Array(new Uint8Array(bytes).buffer)
}

function farthest(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, at) => Math.max(most, Math.abs(value - b[at]!)), 0)
}

describe('training', () => {
  it('in parts gives the gradients of the whole batch, where batch norm does not see the parts', async () => {
    const frozen = { 'training.freeze': ['*bn1', '*bn2'] }
    const whole = (await trained(frozen)).last
    await rm(join(place.folder, 'run'), { recursive: true })
    const parts = (await trained({ ...frozen, 'training.accumulate': 4 })).last
    assert.ok(farthest(values(whole, 'fc.weight'), values(parts, 'fc.weight')) < 1e-6)
  })

  it('leaves frozen layers and their running statistics as they were', async () => {
    const one = (await trained({ 'training.maxSteps': 1, 'training.freeze': ['layer1.*'] })).last
    await rm(join(place.folder, 'run'), { recursive: true })
    const { last } = await trained({ 'training.freeze': ['layer1.*'] })
    for (const name of ['layer1.0.conv1.weight', 'layer1.0.bn1.weight', 'layer1.0.bn1.running_mean'])
      assert.deepEqual(values(one, name), values(last, name))
    assert.notDeepEqual(values(one, 'conv1.weight'), values(last, 'conv1.weight'))
  })

  it('refuses to freeze what is not there, or everything', async () => {
    await assert.rejects(trained({ 'training.freeze': ['layer9'] }), {
      code: 'invalid-config',
      message: /training\.freeze: no parameter matches 'layer9'.*conv1\.weight/,
    })
    await assert.rejects(trained({ 'training.freeze': ['*'] }), /nothing to train/)
  })

  it('moves rate groups by their own factor', async () => {
    const still = { 'training.maxSteps': 1, 'training.groups': [{ match: 'fc', learningRateFactor: 0 }] }
    const { last } = await trained({ ...still, 'schedule.options': { learningRate: 0.05, warmupEpochs: 0 } })
    await rm(join(place.folder, 'run'), { recursive: true })
    const start = (
      await trained({ 'training.maxSteps': 1, 'schedule.options': { learningRate: 1e-12, warmupEpochs: 0 } })
    ).last
    assert.ok(farthest(values(last, 'fc.weight'), values(start, 'fc.weight')) < 1e-6)
    assert.ok(farthest(values(last, 'conv1.weight'), values(start, 'conv1.weight')) > 1e-4)
  })

  it('keeps an average of the weights by its formula, validates it, and saves it', async () => {
    const ema = { decay: 0.5, everySteps: 1, warmup: false }
    const changes = { 'training.ema': ema, 'checkpoints.keepLast': 10, 'training.maxSteps': 2 }
    const ports = recorder()
    const order = tinyOrder(place, { ...changes, 'checkpoints.everySteps': 1 })
    await train(order, ports)
    const folder = join(order.folder, 'checkpoints')
    const [second, first] = await Promise.all(
      (await listCheckpoints(folder)).map(name =>
        loadCheckpoint(join(folder, name), { withOptimizer: false }),
      ),
    )
    const expected = values(first!, 'fc.weight', 'average').map(
      (before, at) => 0.5 * before + 0.5 * values(second!, 'fc.weight')[at]!,
    )
    assert.ok(farthest(values(second!, 'fc.weight', 'average'), expected) < 1e-6)
    assert.equal(ports.of('finished')[0]?.outcome, 'finished')
  })

  it('cuts the norm of the gradients, and logs it as it was', async () => {
    const rate = { 'schedule.options': { learningRate: 1, warmupEpochs: 0 }, 'training.maxSteps': 1 }
    const plain = {
      optimizer: { name: 'sgd', options: { momentum: 0, weightDecay: 0 } },
      'training.logEverySteps': 1,
    }
    const start = (
      await trained({
        ...plain,
        'training.maxSteps': 1,
        'schedule.options': { learningRate: 1e-12, warmupEpochs: 0 },
      })
    ).last
    await rm(join(place.folder, 'run'), { recursive: true })
    const { last, ports } = await trained({
      ...rate,
      ...plain,
      'training.clip': { mode: 'norm', limit: 0.01 },
    })
    let square = 0
    for (const name of last.optimizer.size === 0 ? last.model.keys() : [])
      if (!name.includes('running'))
        values(last, name).forEach((value, at) => (square += (value - values(start, name)[at]!) ** 2))
    assert.ok(Math.abs(Math.sqrt(square) - 0.01) < 1e-4, `moved by ${Math.sqrt(square)}`)
    const norm = ports.of('points').flatMap(({ points }) => points)[0]?.values['train/gradientNorm']
    assert.ok(norm !== undefined && norm > 0.01)
  })

  it('ends after the steps that were asked for, validated and saved', async () => {
    const { ports, last } = await trained({ 'training.maxSteps': 3 })
    assert.equal(last.state.step, 3)
    assert.equal(last.state.evaluatedStep, 3)
    assert.equal(ports.of('ready')[0]?.totalSteps, 3)
  })

  it('ends early when validation does not get better', async () => {
    const hopeless = { 'schedule.options': { learningRate: 1e-12, warmupEpochs: 0 }, 'training.epochs': 9 }
    const stopping = { 'training.earlyStopping': { patienceEpochs: 2 }, 'checkpoints.bestBy': 'loss' }
    const { ports } = await trained({ ...hopeless, ...stopping, 'training.earlyStopping.minChange': 1 })
    const [{ outcome, step, reason }] = ports.of('finished') as [never]
    assert.deepEqual({ outcome, step }, { outcome: 'finished', step: 15 })
    assert.match(reason, /no better validation than loss/)
  })

  it('does not validate where it is told only to train', async () => {
    const { ports } = await trained({ 'training.mode': 'train' })
    const seen = ports
      .of('points')
      .flatMap(({ points }) => points.flatMap(({ values: all }) => Object.keys(all)))
    assert.ok(!seen.some(name => name.startsWith('val/')))
  })

  it('starts from the weights of another run, and says what it took', async () => {
    const source = join(place.folder, 'source')
    const first = tinyOrder(place, {}, { folder: source })
    await train(first, recorder())
    const [name] = await listCheckpoints(join(source, 'checkpoints'))
    const start = { weights: join(source, 'checkpoints', name!), exclude: ['fc'] }
    const { ports, last } = await trained({
      start,
      'training.maxSteps': 1,
      'schedule.options': { learningRate: 1e-12, warmupEpochs: 0 },
    })
    const from = await loadCheckpoint(start.weights, { withOptimizer: false })
    assert.ok(farthest(values(last, 'conv1.weight'), values(from, 'conv1.weight')) < 1e-6)
    assert.ok(farthest(values(last, 'fc.weight'), values(from, 'fc.weight')) > 1e-3)
    assert.ok(ports.logs('info').some(line => line.startsWith('Starting from')))
    const report = JSON.parse(await readFile(join(place.folder, 'run', 'start-report.json'), 'utf8')) as {
      loaded: string[]
    }
    assert.ok(report.loaded.includes('conv1.weight'))
    await rm(source, { recursive: true })
  })
})

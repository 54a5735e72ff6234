/** What the executor promises beside its numbers: who owns which tensor, when gradients come, what a failure leaves behind. */
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { AppError } from '../../../core/errors/index.ts'
import { createExecutor, GraphBuilder, type Executor, type Graph } from '../../../core/graph/index.ts'
import { models } from '../../../core/models/index.ts'

beforeEach(async () => void (await tf.setBackend('cpu')))

const shape = { height: 8, width: 8, channels: 1, classCount: 3 }

function smallNet(): Graph {
  return models.create({ name: 'cifar-resnet8', options: { width: 2 } })(shape)
}

function imagesOf(batch = 4): Tensor4D {
  return tf.randomNormal([batch, 8, 8, 1], 0, 1, 'float32', 7) as Tensor4D
}

function meanSquare(outputs: Record<string, Tensor>): Scalar {
  return tf.mean(tf.square(outputs['logits']!))
}

function values(tensor: Tensor): number[] {
  return [...tensor.dataSync()]
}

test('a step leaves behind the loss and the outputs, and nothing else', () => {
  const executor = createExecutor(smallNet(), { seed: 0 })
  const images = imagesOf()
  const before = tf.memory().numTensors
  const { loss, outputs } = executor.train(images, meanSquare, {
    seed: 0,
    onGradient: (_, gradient) => gradient.dispose(),
  })
  assert.equal(tf.memory().numTensors, before + 1 + Object.keys(outputs).length)
  tf.dispose([loss, outputs, executor.predict(images)])
  assert.equal(tf.memory().numTensors, before)
  executor.dispose()
  assert.equal(
    tf.memory().numTensors,
    before - executor.graph.nodes.flatMap(n => [...n.parameters, ...n.buffers]).length,
  )
  images.dispose()
})

test('a loss that throws leaves no tensor behind', () => {
  const executor = createExecutor(smallNet(), { seed: 0 })
  const images = imagesOf()
  const before = tf.memory().numTensors
  const run = (): unknown =>
    executor.train(images, () => assert.fail('no loss'), {
      seed: 0,
      onGradient: (_, gradient) => gradient.dispose(),
    })
  assert.throws(run, /no loss/)
  assert.equal(tf.memory().numTensors, before)
})

test('a failing gradient handler leaves no tensor behind', () => {
  const executor = createExecutor(smallNet(), { seed: 0 })
  const images = imagesOf()
  const before = tf.memory().numTensors
  const onGradient = (_: unknown, gradient: Tensor): void => {
    gradient.dispose()
    throw new Error('full')
  }
  assert.throws(() => executor.train(images, meanSquare, { seed: 0, onGradient }), /full/)
  assert.equal(tf.memory().numTensors, before)
})

test('every parameter gets its gradient once, from the last layer to the first, and it survives a tidy', () => {
  const executor = createExecutor(smallNet(), { seed: 0 })
  const received = new Map<string, Tensor>()
  tf.tidy(() => {
    executor.train(imagesOf(), meanSquare, {
      seed: 0,
      onGradient: ({ name }, gradient) => {
        assert.ok(!received.has(name))
        received.set(name, gradient)
      },
    })
  })
  assert.equal([...received.keys()][0], 'fc.weight')
  assert.equal([...received.keys()].at(-1), 'conv1.weight')
  assert.deepEqual([...received.keys()].sort(), [...executor.parameters.names()].sort())
  for (const [name, gradient] of received)
    assert.deepEqual(gradient.shape, executor.parameters.get(name).shape)
})

test('first values depend on seed and name, not on the rest of the network', () => {
  const build = (extra: boolean): Executor => {
    const g = new GraphBuilder('net', [4, 4, 2])
    const x = extra ? g.conv('extra', g.input, { filters: 2, kernel: 1 }) : g.input
    return createExecutor(
      g.build({ logits: g.globalAvgPool('pool', g.conv('same', x, { filters: 3, kernel: 3 })) }),
      { seed: 5 },
    )
  }
  assert.deepEqual(
    values(build(true).parameters.get('same.weight')),
    values(build(false).parameters.get('same.weight')),
  )
  assert.notDeepEqual(
    values(createExecutor(smallNet(), { seed: 1 }).parameters.get('conv1.weight')),
    values(createExecutor(smallNet(), { seed: 2 }).parameters.get('conv1.weight')),
  )
})

test('two runs from one seed agree to the last bit', () => {
  const run = (): number[] => {
    const executor = createExecutor(smallNet(), { seed: 3 })
    const gradients: number[] = []
    const onGradient = (_: unknown, gradient: Tensor): void => void gradients.push(...values(gradient))
    const { loss } = executor.train(imagesOf(), meanSquare, { seed: 0, onGradient })
    return [...values(loss), ...gradients]
  }
  assert.deepEqual(run(), run())
})

test('frozen batch norm leaves its running statistics alone, training moves them', () => {
  const executor = createExecutor(smallNet(), { seed: 0 })
  const mean = (): number[] => values(executor.buffers.get('bn1.running_mean'))
  const step = (frozenBatchNorm: boolean): unknown =>
    executor.train(imagesOf(), meanSquare, {
      seed: 0,
      frozenBatchNorm,
      onGradient: (_, gradient) => gradient.dispose(),
    })
  step(true)
  assert.deepEqual(mean(), [0, 0])
  step(false)
  assert.notDeepEqual(mean(), [0, 0])
})

test('dropout follows the seed of the step, keeps the mean, and is off in evaluation', () => {
  const g = new GraphBuilder('net', [1, 1, 4000])
  const executor = createExecutor(g.build({ logits: g.dropout('drop', g.flatten('flat', g.input), 0.25) }), {
    seed: 0,
  })
  const ones = tf.ones([1, 1, 1, 4000]) as Tensor4D
  const dropped = (seed: number): number[] =>
    values(
      executor.train(ones, outputs => tf.sum(outputs['logits']!), { seed, onGradient: () => {} }).outputs[
        'logits'
      ]!,
    )
  assert.deepEqual(dropped(1), dropped(1))
  assert.notDeepEqual(dropped(1), dropped(2))
  assert.deepEqual([...new Set(dropped(1))].sort(), [0, Math.fround(4 / 3)])
  assert.ok(Math.abs(dropped(1).reduce((sum, value) => sum + value, 0) / 4000 - 1) < 0.05)
  assert.ok(values(executor.predict(ones)['logits']!).every(value => value === 1))
})

test('an output that the loss leaves out gives its own layers no gradient', () => {
  const g = new GraphBuilder('net', [1, 1, 3])
  const features = g.dense('body', g.flatten('flat', g.input), { units: 4 })
  const outputs = {
    logits: g.dense('head', features, { units: 2 }),
    embedding: features,
    auxLogits: g.dense('aux', features, { units: 2 }),
  }
  const executor = createExecutor(g.build(outputs), { seed: 0 })
  const names: string[] = []
  executor.train(tf.ones([2, 1, 1, 3]), meanSquare, { seed: 0, onGradient: ({ name }) => names.push(name) })
  assert.deepEqual(names.sort(), ['body.bias', 'body.weight', 'head.bias', 'head.weight'])
})

test('two outputs of one value add their gradients', () => {
  const g = new GraphBuilder('net', [1, 1, 2])
  const x = g.dense('fc', g.flatten('flat', g.input), { units: 1, bias: false })
  const executor = createExecutor(g.build({ logits: x, embedding: x }), { seed: 0 })
  const images = tf.tensor4d([2, 3], [1, 1, 1, 2])
  let gradient: number[] = []
  const lossOf = (outputs: Record<string, Tensor>): Scalar =>
    tf.sum(tf.add(outputs['logits']!, tf.mul(outputs['embedding']!, 10)))
  executor.train(images, lossOf, { seed: 0, onGradient: (_, g) => (gradient = values(g)) })
  assert.deepEqual(gradient, [22, 33])
})

test('a batch of one with one pixel cannot train batch norm, and the message says what to raise', () => {
  const g = new GraphBuilder('net', [1, 1, 3])
  const executor = createExecutor(g.build({ logits: g.flatten('flat', g.batchNorm('bn', g.input)) }), {
    seed: 0,
  })
  const train = (): unknown =>
    executor.train(tf.ones([1, 1, 1, 3]), meanSquare, { seed: 0, onGradient: () => {} })
  assert.throws(train, (error: unknown) => {
    assert.ok(error instanceof AppError && error.code === 'invalid-config')
    assert.match(
      error.message,
      /^bn: batch norm .* a batch of 1 with 1 x 1 pixels\. Raise training\.batchSize or input\.size$/,
    )
    return true
  })
})

test('images of a wrong shape are refused with both shapes', () => {
  const executor = createExecutor(smallNet(), { seed: 0 })
  assert.throws(
    () => executor.predict(tf.ones([2, 9, 8, 1])),
    /expected images \[B, 8, 8, 1\] with B > 0, got \[2, 9, 8, 1\]/,
  )
})

test('a table refuses a wrong name or shape and disposes of what it replaces', () => {
  const { parameters } = createExecutor(smallNet(), { seed: 0 })
  assert.throws(() => parameters.get('fc.wait'), /No tensor 'fc.wait' in this network/)
  assert.throws(
    () => parameters.set('fc.bias', tf.zeros([4])),
    /'fc.bias': expected float32 \[3\], got float32 \[4\]/,
  )
  const old = parameters.get('fc.bias')
  const fresh = tf.ones([3])
  parameters.set('fc.bias', fresh)
  assert.ok(old.isDisposed)
  parameters.set('fc.bias', fresh)
  assert.ok(!fresh.isDisposed)
})

/** GeM, squeeze and excitation, drop path and batch norm without γ: what they promise beside their numbers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import { startBackend } from '../../../core/backend/index.ts'
import { AppError } from '../../../core/errors/index.ts'
import { createExecutor, GraphBuilder, type Graph } from '../../../core/graph/index.ts'
import { models } from '../../../core/models/index.ts'
import { withoutTorch } from '../../backend/torchAddon.ts'

const shape = { height: 32, width: 32, channels: 3, classCount: 5 }

function pooled(p: number, isLearned = false): Graph {
  const g = new GraphBuilder('pooled', [2, 2, 1])
  const embedding = g.gem('pool', g.input, { p, isLearned })
  return g.build({ embedding, logits: g.dense('fc', embedding, { units: 2 }) })
}

function poolOf(graph: Graph, values: readonly number[]): number {
  const executor = createExecutor(graph, { seed: 0 })
  const images = tf.tensor4d([...values], [1, 2, 2, 1])
  const { embedding, logits } = executor.predict(images)
  const [value] = embedding!.dataSync()
  tf.dispose([images, embedding!, logits!])
  executor.dispose()
  return value!
}

const backends = withoutTorch ? ['cpu'] : ['cpu', 'torch']
for (const backend of backends) {
  test(`GeM of 0, 1, 2 and 3 on ${backend} is as published for p 3 and 4, the mean for 1, the maximum for ∞`, async () => {
    await startBackend(backend)
    for (const isLearned of [false, true])
      for (const [p, expected] of [
        [1, 1.5],
        [3, 2.0800838],
        [4, 2.2248027],
      ] as const)
        assert.ok(Math.abs(poolOf(pooled(p, isLearned), [0, 1, 2, 3]) - expected) < 1e-5)
    assert.equal(poolOf(pooled(Infinity), [0, 1, 2, 3]), 3)
    // Nothing lies below the floor, 1e-6.
    assert.ok(Math.abs(poolOf(pooled(3), [-1, -1, -1, -1]) - 1e-6) < 1e-8)
  })
}

test('GeM refuses a power that is not above zero, and to learn an infinite one', () => {
  for (const p of [0, -1, NaN]) assert.throws(() => pooled(p), problem(/p: expected a number above 0/))
  assert.throws(() => pooled(Infinity, true), problem(/finite/))
  const options = { pooling: 'gem', gemPower: 0 }
  assert.throws(() => models.create({ name: 'resnet18', options })(shape), AppError)
})

test('GeM is tested with another power on the same weights, and a learned power is read when it is used', async () => {
  await startBackend('cpu')
  const trained = createExecutor(pooled(3, true), { seed: 0 })
  const other = createExecutor(pooled(1), { seed: 0, share: trained })
  const images = tf.tensor4d([0, 1, 2, 3], [1, 2, 2, 1])
  const embeddingOf = (of: typeof trained): number => {
    const { embedding } = of.predict(images, ['embedding'])
    return embedding!.dataSync()[0]!
  }
  assert.ok(Math.abs(embeddingOf(trained) - 2.0800838) < 1e-5)
  assert.equal(embeddingOf(other), 1.5)
  trained.parameters.set('pool.p', tf.tensor1d([4]))
  assert.ok(Math.abs(embeddingOf(trained) - 2.2248027) < 1e-5)
  images.dispose()
})

test('a learned power is one scalar that does not decay', () => {
  const [p] = pooled(2.5, true).nodes.find(node => node.op === 'gem')!.parameters
  assert.deepEqual(p, {
    ...{ name: 'pool.p', shape: [1], kind: 'scalar', decays: false },
    initializer: { kind: 'constant', value: 2.5 },
  })
})

test('scale refuses factors of another number of channels', () => {
  const g = new GraphBuilder('scaled', [4, 4, 3])
  const factors = g.globalAvgPool('mean', g.conv('conv', g.input, { filters: 2, kernel: 1 }))
  assert.throws(() => g.scale('scale', g.input, factors), problem(/expected inputs \[H, W, C\] and \[C\]/))
})

test('drop path leaves out whole images, scales the others, and does nothing in evaluation', async () => {
  await startBackend('cpu')
  const g = new GraphBuilder('dropped', [2, 2, 1])
  const executor = createExecutor(g.build({ logits: g.dropPath('path', g.input, 0.5) }), { seed: 0 })
  const images = tf.ones<tf.Rank.R4>([32, 2, 2, 1])
  const { logits } = executor.predict(images)
  assert.deepEqual(logits!.dataSync(), images.dataSync())
  const outputOf = (seed: number): number[][] => {
    const options = { seed, onGradient: () => {} }
    const { outputs } = executor.train(images, given => tf.mean(given['logits']!), options)
    return tf.reshape<tf.Rank.R2>(outputs['logits']!, [32, 4]).arraySync()
  }
  const rows = outputOf(1)
  for (const row of rows) assert.ok(row.every(value => value === row[0]) && [0, 2].includes(row[0]!))
  assert.ok(rows.some(row => row[0] === 0) && rows.some(row => row[0] === 2))
  assert.deepEqual(outputOf(1), rows)
  assert.notDeepEqual(outputOf(2), rows)
})

const mixed = { compute: 'bfloat16', storage: 'bfloat16', weights: 'float32' } as const
const networks = [
  { name: 'multigrain', options: { backbone: 'cifar-resnet8', learnGemPower: true } },
  { name: 'multigrain', options: { backbone: 'cifar-resnet8' } },
  { name: 'cifar-resnet8', options: { pooling: 'max', squeezeExcitation: true } },
  { name: 'inception-v4', options: { form: 'slim', width: 1 / 16 } },
]
for (const { name, options } of networks) {
  test(
    `${name} ${JSON.stringify(options)} trains in 16 bits, near to 32`,
    { skip: withoutTorch },
    async () => {
      await startBackend('torch', ['bfloat16'])
      const side = name === 'inception-v4' ? 107 : 32
      const graph = models.create({ name, options })({ ...shape, height: side, width: side })
      const images = tf.randomUniform([4, side, side, 3], -1, 1, 'float32', 3) as Tensor4D
      const lossOf = (outputs: Record<string, Tensor>): Scalar => {
        const sum = tf.mean<Scalar>(tf.square(outputs['logits']!))
        return outputs['auxLogits'] ? tf.add<Scalar>(sum, tf.mean(tf.square(outputs['auxLogits']))) : sum
      }
      const run = (precision?: typeof mixed): { loss: number; seen: Map<string, number> } => {
        const executor = createExecutor(graph, { seed: 1, ...(precision ? { precision } : {}) })
        const seen = new Map<string, number>()
        const onGradient = (info: { name: string }, gradient: Tensor): void => {
          assert.equal(gradient.dtype, 'float32')
          seen.set(info.name, tf.norm(gradient).dataSync()[0]!)
          gradient.dispose()
        }
        const { loss, outputs } = executor.train(images, lossOf, { seed: 1, onGradient })
        const value = loss.dataSync()[0]!
        tf.dispose([loss, outputs])
        executor.dispose()
        return { loss: value, seen }
      }
      const [whole, half] = [run(), run(mixed)]
      // Over 149 batch norms of a few values each, roundings grow.
      const tolerance = name === 'inception-v4' ? 0.25 : 0.1
      assert.ok(Math.abs(half.loss - whole.loss) < tolerance * whole.loss, `${half.loss} for ${whole.loss}`)
      assert.deepEqual([...half.seen.keys()], [...whole.seen.keys()])
      assert.equal(half.seen.size, graph.nodes.flatMap(node => node.parameters).length)
      for (const [key, norm] of half.seen) assert.ok(Number.isFinite(norm), key)
      images.dispose()
    },
  )
}

function problem(message: RegExp): (error: unknown) => boolean {
  return error => error instanceof AppError && error.code === 'invalid-config' && message.test(error.message)
}

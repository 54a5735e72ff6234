/** The backend `torch` gives back what it takes: over many training steps, and when a kernel fails half-way. */
import assert from 'node:assert/strict'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { test } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import { startBackend } from '../../core/backend/index.ts'
import type { TorchBackend } from '../../core/backend/torch/backend.ts'
import { createExecutor } from '../../core/graph/index.ts'
import { losses } from '../../core/losses/index.ts'
import { models } from '../../core/models/index.ts'
import { optimizers } from '../../core/optimizers/index.ts'
import { createLearner } from '../../core/training/learner.ts'
import { trainStep } from '../../core/training/trainStep.ts'
import { batchOf } from './steps.ts'
import { withoutTorch } from './torchAddon.ts'

const [warmSteps, steps] = [400, 2000]
/** What the allocators of C and JavaScript may keep for themselves, up to 13 MB seen: a leak of 12 kB a step would show. */
const slackBytes = 24 * 2 ** 20

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

test(
  '2,000 training steps leave no tensor behind and take no more memory',
  { skip: withoutTorch },
  async () => {
    await startBackend('torch')
    const { addon } = tf.backend() as TorchBackend
    // Threads that wait for each other between tiny operations are slow on a machine that does other things too.
    addon.setThreads(1)
    const graph = models.create({ name: 'cifar-resnet8' })({
      height: 8,
      width: 8,
      channels: 3,
      classCount: 5,
    })
    const executor = createExecutor(graph, { seed: 1 })
    const learner = createLearner(executor, optimizers.create({ name: 'sgd', options: { momentum: 0.9 } }))
    const loss = losses.create({ name: 'cross-entropy' })
    const half = [0.5, 0.5, 0.5]
    const input = { size: 8, channels: 3, mean: half, std: half }
    const look = () => {
      collectGarbage()
      const { heldBytes } = tf.memory() as unknown as { heldBytes: number }
      // V8 enlarges its heap as it likes; what is in use there, and all memory beside it, must stay.
      const { rss, heapTotal, heapUsed } = process.memoryUsage()
      return { tensors: addon.count(), heldBytes, ownBytes: rss - heapTotal, heapBytes: heapUsed }
    }
    let warm = look()
    for (let step = 0; step < warmSteps + steps; step++) {
      if (step === warmSteps) warm = look()
      const setting = { input, loss, classCount: 5, learningRate: 0.01, step, stepsPerEpoch: 10, seed: 1 }
      await trainStep(learner, batchOf(2, 8, 3), setting)
    }
    const end = look()
    assert.equal(end.tensors, warm.tensors)
    assert.equal(end.heldBytes, warm.heldBytes)
    for (const kind of ['ownBytes', 'heapBytes'] as const) {
      const grownBytes = end[kind] - warm[kind]
      assert.ok(grownBytes < slackBytes, `${kind} grew by ${(grownBytes / 2 ** 20).toFixed(1)} MB`)
    }
    learner.dispose()
  },
)

test('a kernel that fails leaves nothing behind', { skip: withoutTorch }, async () => {
  await startBackend('torch')
  const { addon } = tf.backend() as TorchBackend
  const [x, far] = [tf.ones([2, 3]), tf.tensor1d([7], 'int32')]
  const before = addon.count()
  const failures = [
    () => tf.engine().runKernel('BatchMatMul', { a: x, b: x }, { transposeA: false, transposeB: false }),
    () => tf.engine().runKernel('Einsum', [x, x] as never, { equation: 'ij,jk->ik' }),
    () => tf.engine().runKernel('TopK', { x }, { k: 4, sorted: true }),
    () => tf.engine().runKernel('GatherV2', { x, indices: far }, { axis: 1 }),
    () => tf.engine().runKernel('SpaceToBatchND', { x }, { blockShape: [2, 2], paddings: [[0, 0], [0, 0]] }), // prettier-ignore
  ]
  for (const fail of failures) assert.throws(fail)
  assert.equal(addon.count(), before)
  tf.dispose([x, far])
})

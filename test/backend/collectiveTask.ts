/** The network and the batch of collective.test.ts. */
import * as tf from '@tensorflow/tfjs-core'
import { createExecutor, type Executor } from '../../core/graph/index.ts'
import { losses } from '../../core/losses/index.ts'
import { models } from '../../core/models/index.ts'
import type { GradientBuckets } from '../../core/training/gradientBuckets.ts'
import { fillByFormula } from '../parity/formula.ts'

const classCount = 5
const batch = 12
const loss = losses.create({ name: 'cross-entropy', options: { labelSmoothing: 0.1 } })

export function network(): Executor {
  const model = models.create({ name: 'cifar-resnet20' })
  const executor = createExecutor(model({ height: 16, width: 16, channels: 3, classCount }), { seed: 5 })
  fillByFormula(executor, 1)
  return executor
}

export function images(): tf.Tensor4D {
  const values = Float32Array.from({ length: batch * 16 * 16 * 3 }, (_, at) => ((at * 7919) % 1009) / 504 - 1)
  return tf.tensor4d(values, [batch, 16, 16, 3])
}

export function labels(): number[] {
  return Array.from({ length: batch }, (_, at) => at % classCount)
}

/** Batch norm with its running statistics, as the mean over a part is not that over the whole. */
export async function gradientsOf(
  executor: Executor,
  batchOfImages: tf.Tensor4D,
  batchLabels: readonly number[],
  buckets: GradientBuckets | null,
): Promise<Map<string, Float32Array>> {
  const labelTensor = tf.tensor1d([...batchLabels], 'int32')
  let found = new Map<string, tf.Tensor>()
  const options = {
    seed: 1,
    frozenBatchNorm: true,
    onGradient: ({ name }: { readonly name: string }, gradient: tf.Tensor) => {
      if (buckets) buckets.add(name, gradient)
      else found.set(name, gradient)
    },
  }
  executor.train(batchOfImages, heads => loss(heads, { labels: labelTensor, classCount }), options)
  if (buckets) found = await buckets.finish()
  return new Map([...found].map(([name, each]) => [name, each.dataSync() as Float32Array]))
}

/** The network and the batch of collective.test.ts. */
import * as tf from '@tensorflow/tfjs-core'
import { createExecutor, type Executor } from '../../core/graph/index.ts'
import { losses } from '../../core/losses/index.ts'
import { makeTargets } from '../../core/losses/shared/targets.ts'
import { models } from '../../core/models/index.ts'
import type { TorchCollective } from '../../core/backend/torch/ranks/collective.ts'
import type { GradientBuckets } from '../../core/training/gradientBuckets.ts'
import { fillByFormula } from '../parity/formula.ts'

const classCount = 5
const batch = 12
const loss = losses.create({ name: 'cross-entropy', options: { labelSmoothing: 0.1 } })

/** @param acrossRanks with whom batch norm shares its statistics */
export function network(acrossRanks?: TorchCollective): Executor {
  const model = models.create({ name: 'cifar-resnet20' })
  const executor = createExecutor(model({ height: 16, width: 16, channels: 3, classCount }), {
    seed: 5,
    ...(acrossRanks ? { acrossRanks } : {}),
  })
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

/** @param frozenBatchNorm true: with its running statistics, where the mean over a part is not that over the whole */
export async function gradientsOf(
  executor: Executor,
  batchOfImages: tf.Tensor4D,
  batchLabels: readonly number[],
  buckets: GradientBuckets | null,
  frozenBatchNorm = true,
): Promise<Map<string, Float32Array>> {
  const targets = makeTargets({ labels: Int32Array.from(batchLabels), classCount })
  let found = new Map<string, tf.Tensor>()
  const options = {
    seed: 1,
    frozenBatchNorm,
    onGradient: ({ name }: { readonly name: string }, gradient: tf.Tensor) => {
      if (buckets) buckets.add(name, gradient)
      else found.set(name, gradient)
    },
  }
  executor.train(batchOfImages, heads => loss.of(heads, targets), options)
  if (buckets) found = await buckets.finish()
  return new Map([...found].map(([name, each]) => [name, each.dataSync() as Float32Array]))
}

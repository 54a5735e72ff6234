/**
 * Gradients averaged over ranks while the backward pass still goes on: they travel in buckets, each sent off as soon as it is full.
 * Their order is that in which the backward pass hands them over, the last layer first, which is the same on every rank.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Collective } from './ports.ts'

/**
 * The first bucket is small, so that the network is busy early. Later ones are large enough that latency does not count: over Gloo on one
 * machine, 8 MB cost as much per byte as 25, 2 MB half as much again. What is left for the end of the backward pass is waited for.
 */
const firstBytes = 2 ** 20
const bucketBytes = 8 * 2 ** 20

export interface GradientBuckets {
  /** Takes over a gradient. */
  add(name: string, gradient: tf.Tensor): void
  /** The means, once all have arrived. The caller owns them. @throws AppError trainer-lost when a rank is gone. */
  finish(): Promise<Map<string, tf.Tensor>>
  /** After a backward pass that failed: frees whatever there is. */
  abandon(): void
}

interface Bucket {
  readonly names: readonly string[]
  readonly means: Promise<tf.Tensor[]>
}

export function createBuckets(collective: Pick<Collective, 'mean'>): GradientBuckets {
  const sent: Bucket[] = []
  let names: string[] = []
  let gradients: tf.Tensor[] = []
  let bytes = 0

  const send = (): void => {
    if (gradients.length === 0) return
    const means = collective.mean(gradients)
    means.catch(() => {}) // told by finish()
    sent.push({ names, means })
    names = []
    gradients = []
    bytes = 0
  }
  return {
    add: (name, gradient) => {
      names.push(name)
      gradients.push(gradient)
      bytes += gradient.size * Float32Array.BYTES_PER_ELEMENT
      if (bytes >= (sent.length === 0 ? firstBytes : bucketBytes)) send()
    },
    finish: async () => {
      send()
      const outcomes = await Promise.allSettled(sent.map(bucket => bucket.means))
      const failed = outcomes.find(outcome => outcome.status === 'rejected')
      const arrived = outcomes.map(outcome => (outcome.status === 'fulfilled' ? outcome.value : []))
      if (failed) {
        tf.dispose(arrived.flat())
        throw failed.reason
      }
      return new Map(
        arrived.flatMap((means, at) => means.map((mean, place) => [sent[at]!.names[place]!, mean] as const)),
      )
    },
    abandon: () => {
      tf.dispose(gradients)
      for (const { means } of sent) void means.then(arrived => tf.dispose(arrived)).catch(() => {})
    },
  }
}

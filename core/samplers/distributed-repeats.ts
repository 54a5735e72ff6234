/** Each image several times, each time on another rank. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { repeatedDraws } from './shared/repeatedDraws.ts'
import type { Draws, Sampler } from './shared/sampler.ts'

export const distributedRepeats = entry({
  name: 'distributed-repeats',
  title: 'Distributed repeats',
  summary:
    'Random order; the copies of an image go to different ranks, so that none sees it twice at once. For classification; losses on pairs need repeated augmentation.',
  source: 'Touvron et al. 2021, DeiT (RASampler); timm.data.distributed_sampler.RepeatAugSampler',
  options: z.strictObject({
    repeats: z.int().min(1).max(64).default(3).meta({
      title: 'Repeats',
      description: 'How often each image comes.',
      unit: 'copies',
    }),
    roundTo: z.int().min(0).max(65536).default(256).meta({
      title: 'Round to',
      description:
        'An epoch has as many draws as there are images, rounded down to a multiple of this; 0 does not round.',
      unit: 'images',
    }),
  }),
  create: ({ repeats, roundTo }): Sampler => ({
    plan: ({ count, batchSize, ranks }) => {
      const rounded = roundTo > 0 ? Math.floor(count / roundTo) * roundTo : count
      const draws = rounded > 0 ? rounded : count
      return {
        draws,
        copies: repeats,
        draw: randomness => dealt(repeatedDraws(randomness, count, draws, repeats), batchSize, ranks),
      }
    },
  }),
})

/** Deals the draws of each batch out to the ranks in turns; each rank's lie together. An incomplete last batch stays as it is. */
function dealt({ indices, copies }: Required<Draws>, batchSize: number, ranks: number): Draws {
  if (ranks === 1) return { indices, copies }
  const part = batchSize / ranks
  const from = (place: number): number => {
    const within = place % batchSize
    const start = place - within
    return start + batchSize > indices.length
      ? place
      : start + (within % part) * ranks + Math.floor(within / part)
  }
  return {
    indices: indices.map((_, place) => indices[from(place)]!),
    copies: copies.map((_, place) => copies[from(place)]!),
  }
}

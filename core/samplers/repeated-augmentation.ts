/** Each image several times in a row, augmented differently: copies of one image meet in a batch. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { refusal } from './shared/refusal.ts'
import { repeatedDraws } from './shared/repeatedDraws.ts'
import type { Sampler } from './shared/sampler.ts'

export const repeatedAugmentation = entry({
  name: 'repeated-augmentation',
  title: 'Repeated augmentation',
  summary:
    'Random order; each image comes several times in a row, each time augmented differently, as losses on pairs of copies need it.',
  source:
    'Berman et al. 2019, MultiGrain, section 3.3 (batches are consecutive slices; a new permutation begins each epoch); Hoffer et al. 2019',
  options: z.strictObject({
    repeats: z.int().min(1).max(64).default(3).meta({
      title: 'Repeats',
      description: 'How often each image comes in a row.',
      unit: 'copies',
    }),
    epochFactor: z.number().min(0.01).max(64).default(2).meta({
      title: 'Epoch length',
      description:
        'Images drawn in an epoch, copies counted, as a multiple of the number of images. With 2 and three repeats an epoch shows two thirds of the images.',
    }),
  }),
  create: ({ repeats, epochFactor }): Sampler => ({
    plan: ({ count, batchSize, ranks }) => {
      const part = batchSize / ranks
      if (repeats > 1 && !everySliceHoldsPair(part, repeats)) throw noPair(repeats, part)
      const draws = Math.floor(count * epochFactor)
      return {
        draws,
        copies: repeats * Math.ceil(draws / (repeats * count)),
        draw: randomness => repeatedDraws(randomness, count, draws, repeats),
      }
    },
  }),
})

/** A slice may begin at the last copy of one image and end with the first of another. */
function everySliceHoldsPair(length: number, repeats: number): boolean {
  return length >= 3 || (length === 2 && repeats % 2 === 0)
}

function noPair(repeats: number, part: number): Error {
  const message = `some batches would hold no two copies of an image, as training.batchSize gives each rank ${part}. Use at least 3 for each rank, or repeats of 1`
  return refusal('repeats', repeats, message)
}

/** Every image once an epoch, in random order. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import type { Sampler } from './shared/sampler.ts'

export const shuffled = entry({
  name: 'shuffled',
  title: 'Shuffled',
  summary: 'Every image once an epoch, in an order of its own for each epoch.',
  source: 'torch.utils.data.RandomSampler without replacement',
  options: z.strictObject({}),
  create: (): Sampler => ({
    plan: ({ count }) => ({
      draws: count,
      copies: 1,
      draw: ({ permutation }) => ({ indices: permutation(0) }),
    }),
  }),
})

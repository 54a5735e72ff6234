/** One cycle: up, and down far below where it began. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import type { Schedule } from './shared/schedule.ts'

const Options = z.strictObject({
  learningRate: z.number().gt(0).max(1000).default(0.1).meta({
    title: 'Learning rate',
    description: 'Peak learning rate.',
  }),
  rise: z.number().gt(0).lt(1).default(0.3).meta({
    title: 'Rise',
    description: 'Share of the run over which the rate climbs.',
  }),
  startDivisor: z.number().min(1).max(1e6).default(25).meta({
    title: 'Start divisor',
    description: 'The run begins at the peak divided by this.',
  }),
  finalDivisor: z.number().min(1).max(1e9).default(1e4).meta({
    title: 'Final divisor',
    description: 'The run ends at its first rate divided by this.',
  }),
  shape: z.enum(['cosine', 'linear']).default('cosine').meta({
    title: 'Shape',
    description: 'cosine: both ways are half a cosine; linear: straight lines.',
  }),
})

export const oneCycle = entry({
  name: 'one-cycle',
  title: 'One cycle',
  summary: 'From peak/25 to the peak in the first 0.3 of the run, then to 1/10,000 of the first rate.',
  source: 'Smith & Topin 2018, Super-Convergence; torch.optim.lr_scheduler.OneCycleLR with two phases',
  options: Options,
  create: ({ learningRate: peak, rise, startDivisor, finalDivisor, shape }): Schedule => {
    const start = peak / startDivisor
    const between = (from: number, to: number, share: number): number =>
      shape === 'linear'
        ? from + (to - from) * share
        : to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2
    return (index, { stepsPerEpoch, epochs }) => {
      const last = Math.max(1, stepsPerEpoch * epochs - 1)
      // A run too short to climb begins at the peak.
      const top = Math.max(0, rise * (last + 1) - 1)
      if (index < top) return between(start, peak, index / top)
      return between(peak, start / finalDivisor, Math.min(1, (index - top) / (last - top)))
    }
  },
})

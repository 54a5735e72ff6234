/** Options and formula of the warm-up that the usual schedules share. */
import { z } from 'zod'
import type { RunLength, Schedule } from './schedule.ts'

/** A learning rate as an option. */
export const learningRateOption = z.number().gt(0).max(1000).default(0.1).meta({
  title: 'Learning rate',
  description: 'Peak learning rate, reached at the end of the warm-up.',
})

/** Options of a linear warm-up. */
export const warmupOptions = {
  warmupEpochs: z.number().min(0).max(10_000).default(0).meta({
    title: 'Warm-up',
    description:
      'Time over which the learning rate climbs in a straight line to its peak. Fractions are allowed.',
    unit: 'epochs',
  }),
  warmupStart: z.number().min(0).max(1000).default(0).meta({
    title: 'Warm-up start',
    description: 'Learning rate of the first step of the warm-up.',
  }),
} as const

export interface Warmup {
  readonly learningRate: number
  readonly warmupEpochs: number
  readonly warmupStart: number
}

/** Steps of a warm-up, rounded; never more than the run has. */
export function warmupSteps(epochs: number, { stepsPerEpoch, epochs: runEpochs }: RunLength): number {
  return Math.min(Math.round(epochs * stepsPerEpoch), stepsPerEpoch * runEpochs)
}

/**
 * start + (peak − start)·i/W for i < W, then `after`.
 * @param after learning rate from step W on; `progress` runs from 0 at step W to 1 at the end of the run.
 */
export function withWarmup(
  { learningRate, warmupEpochs, warmupStart }: Warmup,
  after: (step: number, length: RunLength, progress: number) => number,
): Schedule {
  return (step, length) => {
    const warmup = warmupSteps(warmupEpochs, length)
    if (step < warmup) return warmupStart + ((learningRate - warmupStart) * step) / warmup
    const rest = length.stepsPerEpoch * length.epochs - warmup
    return after(step, length, rest === 0 ? 1 : Math.min(1, (step - warmup) / rest))
  }
}

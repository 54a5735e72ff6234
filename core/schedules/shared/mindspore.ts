/** Options that the schedules of MindSpore's ResNet recipes share. */
import { z } from 'zod'
import type { RunLength } from './schedule.ts'

export const mindsporeSource =
  'mindspore-ai/models, official/cv/ResNet/src/lr_generator.py; its formulas differ from the usual ones of the same names'

export const maxLearningRate = z.number().gt(0).max(1000).default(0.8).meta({
  title: 'Learning rate',
  description: 'lr_max of the recipe: the rate at the end of the warm-up.',
})

export const initialLearningRate = z.number().min(0).max(1000).default(0).meta({
  title: 'Initial learning rate',
  description: 'lr_init of the recipe: the rate at the start of the warm-up.',
})

export const warmupEpochs = z.number().min(0).max(10_000).default(2).meta({
  title: 'Warm-up',
  description: 'Time over which the learning rate climbs in a straight line.',
  unit: 'epochs',
})

/** Steps of the whole run, of the warm-up and of what follows it. */
export function lengths(
  warmup: number,
  { stepsPerEpoch, epochs }: RunLength,
): { readonly total: number; readonly warmup: number; readonly decay: number } {
  const total = stepsPerEpoch * epochs
  const steps = Math.min(Math.round(warmup * stepsPerEpoch), total)
  return { total, warmup: steps, decay: Math.max(1, total - steps) }
}

/** ×1, ×0.1, ×0.01, ×0.001 as the step passes each boundary. */
export function staircase(step: number, boundaries: readonly number[]): number {
  return 0.1 ** boundaries.filter(boundary => step >= boundary).length
}

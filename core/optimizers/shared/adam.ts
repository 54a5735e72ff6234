/** Adam's moments, which AdamW and LAMB share. */
import * as tf from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { blend } from './eachParameter.ts'
import { alike, type ParameterUpdate, type Slot } from './optimizer.ts'

export const momentOptions = {
  beta1: z.number().min(0).lt(1).default(0.9).meta({
    title: 'Beta 1',
    description: 'Share of the mean gradient that each step keeps.',
  }),
  beta2: z.number().min(0).lt(1).default(0.999).meta({
    title: 'Beta 2',
    description: 'Share of the mean square that each step keeps.',
  }),
} as const

export const momentSlots = (info: ParameterUpdate['info']): Record<string, Slot> => ({
  mean: alike(info),
  meanSquare: alike(info),
})

export interface Moments {
  readonly mean: tf.Tensor
  readonly meanSquare: tf.Tensor
  /** What the mean and mean square are divided by, as they start from zero. */
  readonly correction1: number
  readonly correction2: number
}

/** @param step counted from 0 */
export function moments(
  gradient: tf.Tensor,
  state: ParameterUpdate['state'],
  { beta1, beta2 }: { readonly beta1: number; readonly beta2: number },
  step: number,
): Moments {
  return {
    mean: blend(state['mean']!, gradient, beta1),
    meanSquare: blend(state['meanSquare']!, tf.square(gradient), beta2),
    correction1: 1 - beta1 ** (step + 1),
    correction2: 1 - beta2 ** (step + 1),
  }
}

/** Weight decay as every optimizer offers it. */
import * as tf from '@tensorflow/tfjs-core'
import { z } from 'zod'
import type { DecayedParameter } from './optimizer.ts'

export function decayOptions(fallback: number, most = 1) {
  return {
    weightDecay: z.number().min(0).max(most).default(fallback).meta({
      title: 'Weight decay',
      description: 'How strongly weights are pulled towards zero.',
    }),
    noDecay: z
      .enum(['none', 'bn-and-bias'])
      .default('none')
      .meta({
        title: 'Leave out of weight decay',
        description:
          'none: decay every parameter, as PyTorch does by default. ' +
          'bn-and-bias: spare the scales and shifts of batch norm and all biases, as MindSpore recipes do.',
      }),
  } as const
}

export interface DecaySetting {
  readonly weightDecay: number
  readonly noDecay: 'none' | 'bn-and-bias'
}

/** The decay of one parameter. */
export function decayOf(
  { weightDecay, noDecay }: DecaySetting,
  { info, weightDecayFactor }: Omit<DecayedParameter, 'value'>,
): number {
  return noDecay === 'none' || info.kind === 'weight' ? weightDecay * weightDecayFactor : 0
}

/** ½·Σ decay·w², []. */
export function decayLoss(setting: DecaySetting, parameters: readonly DecayedParameter[]): tf.Tensor {
  return tf.tidy(() => {
    const halves = parameters
      .filter(each => decayOf(setting, each) > 0)
      .map(each => tf.mul(tf.sum(tf.square(each.value)), decayOf(setting, each) / 2))
    return halves.length === 0 ? tf.scalar(0) : tf.addN(halves)
  })
}

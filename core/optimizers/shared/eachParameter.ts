/** Optimizers that treat each parameter by itself, written in plain tfjs operations. */
import * as tf from '@tensorflow/tfjs-core'
import type { ParameterUpdate, UpdatedParameter, UpdateSetting } from './optimizer.ts'

/** What a parameter becomes; in a tidy. */
export type Step = (
  /** Unscaled. */
  gradient: tf.Tensor,
  parameter: ParameterUpdate,
) => { readonly value: tf.Tensor; readonly state: Record<string, tf.Tensor> }

export function eachParameter(
  parameters: readonly ParameterUpdate[],
  { gradientScale }: UpdateSetting,
  step: Step,
): UpdatedParameter[] {
  return parameters.map(parameter =>
    tf.tidy(() => {
      const { gradient } = parameter
      return step(gradientScale === 1 ? gradient : tf.mul(gradient, gradientScale), parameter)
    }),
  )
}

/** a·share + b·(1 − share). */
export function blend(a: tf.Tensor, b: tf.Tensor, share: number): tf.Tensor {
  return tf.add(tf.mul(a, share), tf.mul(b, 1 - share))
}

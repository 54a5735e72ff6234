/** One step of SGD with momentum in PyTorch's form, for all parameters of one learning rate. */
import * as tf from '@tensorflow/tfjs-core'
import type { ParameterUpdate, UpdatedParameter } from './optimizer.ts'

/** The same step for all parameters in one call, where the backend has it (core/backend/kernels). */
const fusedKernel = 'SgdUpdateMany'

interface Setting {
  readonly learningRate: number
  /** 0: the parameters have no slot `momentum`. */
  readonly momentum: number
  readonly nesterov: boolean
  /** Every gradient is multiplied by it first. */
  readonly gradientScale: number
  /** One for each parameter. */
  readonly weightDecays: readonly number[]
}

/** Values after the step, and velocities in the slot `momentum`. */
export function descend(parameters: readonly ParameterUpdate[], setting: Setting): UpdatedParameter[] {
  if (tf.getKernel(fusedKernel, tf.getBackend())) return fusedUpdate(parameters, setting)
  return parameters.map((parameter, i) => plainUpdate(parameter, setting, setting.weightDecays[i]!))
}

function fusedUpdate(parameters: readonly ParameterUpdate[], attributes: Setting): UpdatedParameter[] {
  const values = parameters.map(({ value }) => value)
  const gradients = parameters.map(({ gradient }) => gradient)
  const velocities = parameters.flatMap(({ state }) => state['momentum'] ?? [])
  const inputs = [...values, ...gradients, ...velocities] as unknown as tf.NamedTensorMap
  const updated = tf
    .engine()
    .runKernel<tf.Tensor[]>(fusedKernel, inputs, attributes as unknown as tf.NamedAttrMap)
  return parameters.map((_, i): UpdatedParameter => {
    const velocity = updated[parameters.length + i]
    return { value: updated[i]!, state: velocity ? { momentum: velocity } : {} }
  })
}

function plainUpdate(
  { value, gradient, state }: ParameterUpdate,
  { learningRate, momentum, nesterov, gradientScale }: Setting,
  weightDecay: number,
): UpdatedParameter {
  const velocity = state['momentum']
  return tf.tidy((): { value: tf.Tensor; state: Record<string, tf.Tensor> } => {
    const unscaled = gradientScale === 1 ? gradient : tf.mul(gradient, gradientScale)
    const g = weightDecay > 0 ? tf.add(unscaled, tf.mul(value, weightDecay)) : unscaled
    if (!velocity) return { value: tf.sub(value, tf.mul(g, learningRate)), state: {} }
    // PyTorch starts the buffer at the first gradient; from zeros, momentum·0 + g is the same.
    const v = tf.add(tf.mul(velocity, momentum), g)
    const direction = nesterov ? tf.add(g, tf.mul(v, momentum)) : v
    return { value: tf.sub(value, tf.mul(direction, learningRate)), state: { momentum: v } }
  })
}

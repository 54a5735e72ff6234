/** Keeps a single step from going too far. */
import * as tf from '@tensorflow/tfjs-core'
import type { RunConfig } from '../experiment/index.ts'
import type { ParameterInfo } from '../graph/index.ts'

export type ClipSetting = RunConfig['training']['clip']

/** √(Σ g²) over all gradients, in a new tensor []. */
export function gradientNorm(gradients: readonly tf.Tensor[]): tf.Tensor {
  return tf.tidy(() => tf.sqrt(tf.addN(gradients.map(gradient => tf.sum(tf.square(gradient))))))
}

/**
 * What the gradients are multiplied by so that their norm is at most the limit: 1, or less.
 * @source torch.nn.utils.clip_grad_norm_
 */
export function normFactor(norm: number, limit: number): number {
  return Math.min(1, limit / (norm + 1e-6))
}

/**
 * Cuts gradients by value, or each output unit against the norm of its weights. Gives new gradients and disposes of the old ones.
 * @param scale factor that the gradients carry
 * @source torch.nn.utils.clip_grad_value_; Brock et al. 2021, High-Performance Large-Scale Image Recognition Without Normalization
 * (`agc`, floor of the weights' norm 1e-3; timm.utils.adaptive_clip_grad)
 */
export function clipEach(
  gradients: ReadonlyMap<string, tf.Tensor>,
  parameterOf: (name: string) => { readonly info: ParameterInfo; readonly value: tf.Tensor },
  { mode, limit }: ClipSetting,
  scale: number,
): Map<string, tf.Tensor> {
  const clipped = new Map<string, tf.Tensor>()
  for (const [name, gradient] of gradients) {
    const cut = tf.tidy(() =>
      mode === 'value'
        ? tf.clipByValue(gradient, -limit * scale, limit * scale)
        : clipByUnit(gradient, parameterOf(name), limit, scale),
    )
    clipped.set(name, tf.keep(cut))
    gradient.dispose()
  }
  return clipped
}

const leastNorm = 1e-3

function clipByUnit(
  gradient: tf.Tensor,
  { info, value }: { readonly info: ParameterInfo; readonly value: tf.Tensor },
  limit: number,
  scale: number,
): tf.Tensor {
  // Weights end with their output units; vectors are units of one number each.
  const axes = info.shape.slice(0, -1).map((_, axis) => axis)
  const normOf = (x: tf.Tensor): tf.Tensor =>
    axes.length === 0 ? tf.abs(x) : tf.sqrt(tf.sum(tf.square(x), axes, true))
  const most = tf.mul(tf.maximum(normOf(value), leastNorm), limit * scale)
  const norm = tf.maximum(normOf(gradient), 1e-6)
  return tf.mul(gradient, tf.minimum(tf.div(most, norm), 1))
}

/**
 * The addon's fused operations: one pass, or few, over main memory by our own code, and compositions of libtorch's operators on
 * CUDA. Tensors of floats may be stored in 16 bits; statistics, parameters and what belongs to them are float32.
 */
import type { Handle } from './binding.ts'

/** Of pooling: filter, strides, padding above and on the left, and the size of what comes out. */
export type PoolGeometry = readonly [
  filterHeight: number,
  filterWidth: number,
  strideHeight: number,
  strideWidth: number,
  padTop: number,
  padLeft: number,
  outHeight: number,
  outWidth: number,
]

export interface FusedOperations {
  /** Whether the CPU too runs compositions of libtorch's operators; as MULTIGRAIN_TORCH_COMPOSITION=1. For tests. */
  setCompositionOnly(isOn: boolean): void
  /** What the passes run on: 0 any processor, 1 AVX2, 2 AVX-512, 3 AVX-512 with bfloat16. */
  instructionSet(): number
  /** @returns false when the processor does not have it. For tests. */
  setInstructionSet(level: number): boolean

  /** [mean, variance], each [C], of x [...,C] over all but C; the variance is divided by the number of values. */
  channelMoments(x: Handle): Handle[]
  scaleShift(x: Handle, scale: Handle, shift: Handle, addend: Handle | null, relu: boolean): Handle
  /** [y, mean, inverseStd], in training followed by the new running mean and variance. */
  batchNorm(
    x: Handle,
    gamma: Handle,
    beta: Handle,
    runningMean: Handle,
    runningVariance: Handle,
    addend: Handle | null,
    epsilon: number,
    momentum: number,
    training: boolean,
    relu: boolean,
  ): Handle[]
  /** [dx, dgamma, dbeta], with `addend` followed by its gradient. With `relu` it needs y, or beta to compute y's sign from x. */
  batchNormGradient(
    dy: Handle,
    x: Handle,
    gamma: Handle,
    beta: Handle | null,
    mean: Handle,
    inverseStd: Handle,
    y: Handle | null,
    relu: boolean,
    addend: boolean,
    frozen: boolean,
  ): Handle[]

  /** a + b of floats, with broadcasting. */
  sum(a: Handle, b: Handle): Handle
  relu(x: Handle): Handle
  /** dy where y > 0, else 0. */
  reluGradient(dy: Handle, y: Handle): Handle
  /** The same values in another type; the same memory when they have it already. */
  convert(x: Handle, dtype: number): Handle
  /** bytes · scale + shift, one of each per channel. */
  normaliseImages(
    bytes: Uint8Array,
    shape: readonly number[],
    scale: readonly number[],
    shift: readonly number[],
    dtype: number,
    device: string,
  ): Handle

  /** [y, positions]: a byte for each value of y says which pixel of the window won. */
  maxPool(x: Handle, geometry: PoolGeometry): Handle[]
  /** @param xShape [N,H,W,C] */
  maxPoolGradient(dy: Handle, positions: Handle, xShape: readonly number[], geometry: PoolGeometry): Handle
  /** [N,...,C] to [N,C]. */
  globalMean(x: Handle): Handle
  globalMeanGradient(dy: Handle, xShape: readonly number[]): Handle
  /** [N,...,C] to [N,C]: (mean of max(x, floor)^p)^(1/p). */
  gemPool(x: Handle, p: number, floor: number): Handle
  /** [dx], with `ofPower` followed by dp. */
  gemPoolGradient(dy: Handle, x: Handle, y: Handle, p: number, floor: number, ofPower: boolean): Handle[]

  /** [mean loss, its gradient]. Target probabilities: `onTrue` of the label's class and `onOther` of each other. */
  crossEntropy(logits: Handle, labels: Handle, onTrue: number, onOther: number): Handle[]
  /**
   * [values..., velocities...] after a step; no velocities: no momentum. Where `mayOverwrite` is 1, values first, a result may take
   * the memory of what it replaces, if no other tensor shares it.
   */
  sgd(
    values: readonly Handle[],
    gradients: readonly Handle[],
    velocities: readonly Handle[],
    weightDecays: readonly number[],
    mayOverwrite: readonly number[],
    learningRate: number,
    momentum: number,
    nesterov: boolean,
    gradientScale: number,
  ): Handle[]
  /** A scalar: 1 when all values are finite, NaN otherwise. */
  allFinite(tensors: readonly Handle[]): Handle
}

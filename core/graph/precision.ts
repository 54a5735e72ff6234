/**
 * In how many bits a graph is computed. To tfjs every tensor here is float32; the kernel `StorageCast` changes how one is kept.
 * Convolutions and matrix products compute in the lower storage of their inputs; where activations are kept in more bits, they are cast
 * around these steps alone. Batch norm keeps its own float32 whatever its input is kept in.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import type { Step } from './steps.ts'
import type { ParameterInfo } from './types.ts'

/** How the values of a tensor are kept. */
export type Storage = 'float32' | 'bfloat16' | 'float16'

export interface GraphPrecision {
  /** What convolutions and matrix products are computed in. */
  readonly compute: Storage
  /** What activations and their gradients are kept in: float32, or as `compute`. */
  readonly storage: Storage
  /** What weights and biases are kept in; batch norm's parameters stay float32. */
  readonly weights: Storage
}

export const float32: GraphPrecision = { compute: 'float32', storage: 'float32', weights: 'float32' }

/** The tensor in another storage, as a new one; in a tidy unless the caller disposes of it. */
export function castTo(x: Tensor, storage: Storage): Tensor {
  return tf.engine().runKernel('StorageCast', { x }, { storage }) as Tensor
}

/** The casts around a step. Those that are not due give back what they are given, so that float32 costs nothing. */
export interface Casts {
  /** An activation, or the gradient of an output, as the step's kernels are to see it. */
  into(step: Step, x: Tensor): Tensor
  /** An output, or the gradient of an input, as it is kept. */
  outOf(step: Step, x: Tensor): Tensor
  /** The gradient of a parameter: always float32. */
  gradient(step: Step, x: Tensor): Tensor
  /** A value that enters the graph; always a new tensor. */
  enter(x: Tensor): Tensor
  /** A value that leaves the graph, in float32; always a new tensor. */
  leave(x: Tensor): Tensor
  /** A parameter as it is kept. */
  parameter(info: Pick<ParameterInfo, 'kind'>, x: Tensor): Tensor
}

export function createCasts({ compute, storage, weights }: GraphPrecision): Casts {
  const isMixed = compute !== 'float32'
  const castIf = (isDue: boolean, x: Tensor, to: Storage): Tensor => (isDue ? castTo(x, to) : x)
  return {
    into: (step, x) => castIf(compute !== storage && isProduct(step), x, compute),
    outOf: (step, x) =>
      castIf(isMixed && ((compute !== storage && isProduct(step)) || mixesIn(step)), x, storage),
    // A convolution's filter gradient is float32 already.
    gradient: (step, x) => castIf(isMixed && (step.op.name === 'dense' || mixesIn(step)), x, 'float32'),
    enter: x => (storage === 'float32' ? tf.clone(x) : castTo(x, storage)),
    leave: x => (isMixed ? castTo(x, 'float32') : tf.clone(x)),
    parameter: ({ kind }, x) =>
      castIf(weights !== 'float32' && (kind === 'weight' || kind === 'bias'), x, weights),
  }
}

function isProduct({ op }: Step): boolean {
  return op.name === 'conv' || op.name === 'dense'
}

/** Whether something in float32 goes into the output, a bias, a mask or a power, which makes it float32. */
function mixesIn({ op, node }: Step): boolean {
  return ['dropout', 'drop_path', 'gem'].includes(op.name) || node.attributes['bias'] === true
}

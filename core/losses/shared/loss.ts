import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core'

/** What a batch asks of the network. */
export interface Targets {
  /** Class of each image, int32 [B]. */
  readonly labels: Tensor1D
  readonly classCount: number
}

/**
 * The mean loss of a batch from the graph's outputs by name (`logits` [B, K]), composed of differentiable tfjs ops.
 * Weight decay is the optimizer's and not part of it.
 */
export type Loss = (outputs: Readonly<Record<string, Tensor>>, targets: Targets) => Scalar

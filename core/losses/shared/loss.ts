import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core'

/** What a batch asks of the network. */
export interface Targets {
  /** Class of each image, int32 [B]. */
  readonly labels: Tensor1D
  readonly classCount: number
  /** The same on the host, with which image of the data set each one shows: copies of one image share it. [B] each. */
  readonly host: { readonly labels: Int32Array; readonly instances: Int32Array }
  /** Of this step, for losses that draw. */
  readonly seed: number
}

/** A number that the loss learns. It is trained, saved and resumed as a parameter of the network is, without weight decay. */
export interface LossParameter {
  /** Under which `of` finds it among the outputs, a tensor [1]: `margin.beta`. */
  readonly role: string
  readonly initial: number
  /** Its learning rate is the run's times this. */
  readonly learningRateFactor: number
}

/** What training makes small. */
export interface Loss {
  /** Roles of the outputs it reads. */
  readonly needs: readonly string[]
  readonly parameters: readonly LossParameter[]
  /**
   * The mean loss of a batch from the graph's outputs by role (`logits` [B,K], `embedding` [B,C], and the loss's own parameters),
   * composed of differentiable tfjs ops. Weight decay is the optimizer's and not part of it.
   */
  of(outputs: Readonly<Record<string, Tensor>>, targets: Targets): Scalar
}

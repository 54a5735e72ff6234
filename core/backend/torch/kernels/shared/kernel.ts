/** What a file of `torch/kernels` exports: tfjs kernels over libtorch's operators. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { TorchBackend } from '../../backend.ts'

/** One call of a kernel. */
export interface TorchCall<Inputs, Attributes> {
  readonly inputs: Inputs
  readonly attrs: Attributes
  readonly backend: TorchBackend
}

export interface TorchKernel {
  /** tfjs's exact name. */
  readonly name: string
  readonly run: (call: TorchCall<never, never>) => TensorInfo | TensorInfo[]
}

/** A kernel with its own types of inputs and attributes. */
export function torchKernel<Inputs, Attributes>(
  name: string,
  run: (call: TorchCall<Inputs, Attributes>) => TensorInfo | TensorInfo[],
): TorchKernel {
  return { name, run: run as TorchKernel['run'] }
}

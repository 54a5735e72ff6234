/** What a file of `torch/kernels` exports: one kernel over libtorch's operators, or the kernels of a uniform family. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { TorchBackend } from '../../backend.ts'
import { Work } from './work.ts'

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

/** A kernel with its own types of inputs and attributes. It looks after its handles itself: one operator, or none. */
export function torchKernel<Inputs, Attributes = object>(
  name: string,
  run: (call: TorchCall<Inputs, Attributes>) => TensorInfo | TensorInfo[],
): TorchKernel {
  return { name, run: run as TorchKernel['run'] }
}

/** A kernel of several operators, whose intermediate results are freed when it ends, however it ends. */
export function composed<Inputs, Attributes = object>(
  name: string,
  compute: (work: Work, inputs: Inputs, attrs: Attributes) => TensorInfo | TensorInfo[],
): TorchKernel {
  return torchKernel<Inputs, Attributes>(name, ({ inputs, attrs, backend }) => {
    const work = new Work(backend)
    try {
      return compute(work, inputs, attrs)
    } finally {
      work.free()
    }
  })
}

/** Softmax along an axis and its logarithm. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { torchKernel } from './shared/kernel.ts'
import type { TorchKernel } from './shared/kernel.ts'

interface Attributes {
  readonly dim?: number
  /** What `LogSoftmax` calls it. */
  readonly axis?: number
}

export const softmaxes: readonly TorchKernel[] = [
  row('Softmax', 'aten::softmax.int'),
  row('LogSoftmax', 'aten::log_softmax.int'),
]

function row(name: string, operator: string): TorchKernel {
  return torchKernel<{ logits: TensorInfo }, Attributes>(name, ({ inputs: { logits }, attrs, backend }) => {
    const probabilities = backend.run(operator, backend.handle(logits), attrs.dim ?? attrs.axis ?? -1)
    return backend.adopt(probabilities, logits.shape, 'float32')
  })
}

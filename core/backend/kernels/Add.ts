/** a + b. libtorch's sum of 16-bit tensors runs far below the speed of memory; ours of equal shapes does not. */
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { runOriginal } from './shared/originals.ts'
import { torchOf } from './shared/torch.ts'

interface Inputs {
  readonly a: Tensor
  readonly b: Tensor
}

export const Add: KernelEntry = {
  name: 'Add',
  summary: 'a + b, with broadcasting',
  on: { torch: implement<Inputs>(onTorch) },
}

function onTorch({ inputs, attrs, backend }: KernelCall<Inputs, object>): TensorInfo {
  const { a, b } = inputs
  const isPlain = a.dtype === 'float32' && b.dtype === 'float32' && a.shape.join() === b.shape.join()
  if (!isPlain) return runOriginal('Add', { inputs: { a, b }, attrs, backend })
  const torch = torchOf(backend)
  return torch.adopt(torch.addon.sum(torch.handle(a), torch.handle(b)), a.shape, 'float32')
}

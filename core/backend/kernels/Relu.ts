/** max(x, 0); libtorch's on 16-bit tensors runs below the speed of memory. */
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { runOriginal } from './shared/originals.ts'
import { torchOf } from './shared/torch.ts'

interface Inputs {
  readonly x: Tensor
}

export const Relu: KernelEntry = {
  name: 'Relu',
  summary: 'max(x, 0)',
  on: { torch: implement<Inputs>(onTorch) },
}

function onTorch({ inputs, attrs, backend }: KernelCall<Inputs, object>): TensorInfo {
  const { x } = inputs
  if (x.dtype !== 'float32') return runOriginal('Relu', { inputs: { x }, attrs, backend })
  const torch = torchOf(backend)
  return torch.adopt(torch.addon.relu(torch.handle(x)), x.shape, 'float32')
}

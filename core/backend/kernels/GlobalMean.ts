/** Mean of every channel over height and width, [N,H,W,C] to [N,C], for backends that gain by it; the others pool. */
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { torchOf } from './shared/torch.ts'

interface Inputs {
  /** [N,H,W,C] */
  readonly x: Tensor
}

export const GlobalMean: KernelEntry = {
  name: 'GlobalMean',
  summary: 'Mean of x [N,H,W,C] over height and width',
  on: { torch: implement<Inputs>(onTorch) },
}

function onTorch({ inputs: { x }, backend }: KernelCall<Inputs, object>): TensorInfo {
  const torch = torchOf(backend)
  return torch.adopt(torch.addon.globalMean(torch.handle(x)), [x.shape[0]!, x.shape.at(-1)!], 'float32')
}

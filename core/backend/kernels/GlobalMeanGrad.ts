/** Gradient of `GlobalMean`: every pixel gets the same share. */
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { torchOf } from './shared/torch.ts'

interface Inputs {
  /** [N,C] */
  readonly dy: Tensor
}
interface Attributes {
  /** [N,H,W,C] */
  readonly inputShape: readonly number[]
}
type Call = KernelCall<Inputs, Attributes>

export const GlobalMeanGrad: KernelEntry = {
  name: 'GlobalMeanGrad',
  summary: 'Gradient of GlobalMean for its input [N,H,W,C]',
  on: { torch: implement<Inputs, Attributes>(onTorch) },
}

function onTorch({ inputs: { dy }, attrs: { inputShape }, backend }: Call): TensorInfo {
  const torch = torchOf(backend)
  return torch.adopt(torch.addon.globalMeanGradient(torch.handle(dy), inputShape), inputShape, 'float32')
}

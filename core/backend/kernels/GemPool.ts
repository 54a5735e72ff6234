/**
 * Generalised-mean pooling, [N,H,W,C] to [N,C]: (mean of max(x, floor)^p)^(1/p). p = 1 is the mean; the larger p, the nearer it is
 * to the maximum.
 *
 * @source Radenović et al. 2018, Fine-tuning CNN Image Retrieval with No Human Annotation; Berman et al. 2019, MultiGrain.
 */
import { maximum, mean, pow, tidy } from '@tensorflow/tfjs-core'
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { torchOf } from './shared/torch.ts'

interface Inputs {
  /** [N,H,W,C] */
  readonly x: Tensor
}
interface Attributes {
  /** Above 0 and finite. */
  readonly p: number
  /** Values below count as this; above 0. */
  readonly floor: number
}
type Call = KernelCall<Inputs, Attributes>

export const GemPool: KernelEntry = {
  name: 'GemPool',
  summary: 'Generalised mean of x [N,H,W,C] over height and width',
  on: { torch: implement<Inputs, Attributes>(onTorch) },
  reference: implement<Inputs, Attributes>(reference),
}

function reference({ inputs: { x }, attrs: { p, floor } }: Pick<Call, 'inputs' | 'attrs'>): Tensor {
  return tidy(() => pow(mean(pow(maximum(x, floor), p), [1, 2]), 1 / p))
}

function onTorch({ inputs: { x }, attrs: { p, floor }, backend }: Call): TensorInfo {
  const torch = torchOf(backend)
  return torch.adopt(
    torch.addon.gemPool(torch.handle(x), p, floor),
    [x.shape[0]!, x.shape.at(-1)!],
    'float32',
  )
}

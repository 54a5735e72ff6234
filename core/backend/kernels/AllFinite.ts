/** One number that says whether any value of any number of tensors is NaN or infinite, for one small read. */
import { add, addN, mul, sum, tidy } from '@tensorflow/tfjs-core'
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { torchOf } from './shared/torch.ts'

export const AllFinite: KernelEntry = {
  name: 'AllFinite',
  summary: '1 when all values of the inputs are finite, NaN otherwise',
  on: { torch: implement<readonly Tensor[]>(onTorch) },
  reference: implement<readonly Tensor[]>(reference),
}

/** A sum is NaN or infinite as soon as one of its terms is. */
function reference({ inputs }: Pick<KernelCall<readonly Tensor[], object>, 'inputs'>): Tensor {
  return tidy(() => add(mul(addN(Object.values(inputs).map(x => sum(x))), 0), 1))
}

function onTorch({ inputs, backend }: KernelCall<readonly Tensor[], object>): TensorInfo {
  const torch = torchOf(backend)
  const handles = Object.values(inputs).map(tensor => torch.handle(tensor))
  return torch.adopt(torch.addon.allFinite(handles), [], 'float32')
}

/** Gradient of a ReLU, read off its output. */
import { greater, tidy, where, zerosLike } from '@tensorflow/tfjs-core'
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { simdModule } from '../simd/module.ts'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { torchOf } from './shared/torch.ts'

interface Inputs {
  readonly dy: Tensor
  /** The ReLU's output, of dy's shape. */
  readonly y: Tensor
}

export const ReluGrad: KernelEntry = {
  name: 'ReluGrad',
  summary: 'dy where y > 0, else 0',
  on: { wasm: implement<Inputs>(onWasm), torch: implement<Inputs>(onTorch) },
  reference: implement<Inputs>(({ inputs: { dy, y } }) =>
    tidy(() => where(greater(y, 0), dy, zerosLike(dy))),
  ),
}

function onTorch({ inputs: { dy, y }, backend }: KernelCall<Inputs, object>): TensorInfo {
  const torch = torchOf(backend)
  return torch.adopt(torch.addon.reluGradient(torch.handle(dy), torch.handle(y)), dy.shape, 'float32')
}

function onWasm({ inputs: { dy, y }, backend }: KernelCall<Inputs, object>): TensorInfo {
  const simd = simdModule(backend)
  const out = simd.output(dy.shape)
  simd.call('reluGradient', simd.address(dy), simd.address(y), simd.address(out), dy.size)
  return out
}

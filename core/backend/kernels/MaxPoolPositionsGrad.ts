/** Gradient of `MaxPoolPositions`. */
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { poolInfo } from './shared/pooling.ts'
import type { PoolAttributes } from './shared/pooling.ts'
import { geometryOf, torchOf } from './shared/torch.ts'

interface Inputs {
  readonly dy: Tensor
  readonly positions: Tensor
}
interface Attributes extends PoolAttributes {
  /** [N,H,W,C] */
  readonly inputShape: readonly number[]
}

export const MaxPoolPositionsGrad: KernelEntry = {
  name: 'MaxPoolPositionsGrad',
  summary: 'Gradient of max pooling, from the noted positions',
  on: { torch: implement<Inputs, Attributes>(onTorch) },
}

function onTorch({ inputs, attrs, backend }: KernelCall<Inputs, Attributes>): TensorInfo {
  const torch = torchOf(backend)
  const { inputShape } = attrs
  const geometry = geometryOf(poolInfo(inputShape, attrs))!
  const [dy, positions] = [torch.handle(inputs.dy), torch.handle(inputs.positions)]
  return torch.adopt(torch.addon.maxPoolGradient(dy, positions, inputShape, geometry), inputShape, 'float32')
}

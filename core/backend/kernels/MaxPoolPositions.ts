/**
 * Max pooling that also notes which pixel of each window won, so that its gradient needs neither input nor output. Only for
 * backends that gain by it; the others have `MaxPool` and `MaxPoolGrad`.
 */
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { AppError } from '../../errors/index.ts'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { poolInfo } from './shared/pooling.ts'
import type { PoolAttributes } from './shared/pooling.ts'
import { geometryOf, torchOf } from './shared/torch.ts'

interface Inputs {
  /** [N,H,W,C] */
  readonly x: Tensor
}

export const MaxPoolPositions: KernelEntry = {
  name: 'MaxPoolPositions',
  summary: 'Maximum of each window, and which of its pixels that was; the first of equal values',
  on: { torch: implement<Inputs, PoolAttributes>(onTorch) },
}

function onTorch({ inputs: { x }, attrs, backend }: KernelCall<Inputs, PoolAttributes>): TensorInfo[] {
  const torch = torchOf(backend)
  const info = poolInfo(x.shape, attrs)
  const geometry = geometryOf(info)
  if (geometry === null)
    throw new AppError(
      'internal',
      `MaxPoolPositions cannot pool [${x.shape.join(', ')}] like this: ask MaxPool`,
    )
  const [y, positions] = torch.addon.maxPool(torch.handle(x), geometry) as [number, number]
  return [torch.adopt(y, info.outShape, 'float32'), torch.adopt(positions, info.outShape, 'int32')]
}

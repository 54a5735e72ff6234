/** Max pooling: with explicit padding for TensorFlow, which has none, and at the speed of memory for libtorch. */
import { tidy } from '@tensorflow/tfjs-core'
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { isOfTensorflow, padImages } from './shared/explicit-padding.ts'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { runOriginal } from './shared/originals.ts'
import { poolInfo } from './shared/pooling.ts'
import type { PoolAttributes } from './shared/pooling.ts'
import { geometryOf, torchOf } from './shared/torch.ts'

interface Inputs {
  /** [N,H,W,C] */
  readonly x: Tensor
}

export const MaxPool: KernelEntry = {
  name: 'MaxPool',
  summary: 'Maximum of the pixels of a window that lie inside the image',
  on: {
    tensorflow: implement<Inputs, PoolAttributes>(onTensorflow),
    torch: implement<Inputs, PoolAttributes>(onTorch),
  },
}

function onTensorflow({ inputs, attrs, backend }: KernelCall<Inputs, PoolAttributes>): Tensor {
  const info = poolInfo(inputs.x.shape, attrs)
  if (isOfTensorflow(info)) return runOriginal('MaxPool', { inputs: { ...inputs }, attrs, backend })
  return tidy(() => {
    const x = padImages(inputs.x, info, -Infinity) // [N,H+,W+,C]
    return runOriginal('MaxPool', { inputs: { x }, attrs: { ...attrs, pad: 'valid' }, backend })
  })
}

function onTorch({ inputs: { x }, attrs, backend }: KernelCall<Inputs, PoolAttributes>): TensorInfo {
  const info = x.shape.length === 4 ? poolInfo(x.shape, attrs) : null
  const geometry = info && x.dtype === 'float32' ? geometryOf(info) : null
  if (info === null || geometry === null) return runOriginal('MaxPool', { inputs: { x }, attrs, backend })
  const torch = torchOf(backend)
  const [y, positions] = torch.addon.maxPool(torch.handle(x), geometry) as [number, number]
  torch.addon.dispose(positions)
  return torch.adopt(y, info.outShape, 'float32')
}

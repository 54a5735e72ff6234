/** Average pooling with explicit padding for TensorFlow, which has none; padding is not counted, as in tfjs's own layer. */
import { mul, tidy } from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { isOfTensorflow, padImages } from './shared/explicit-padding.ts'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { runOriginal } from './shared/originals.ts'
import { poolInfo, windowPerCount } from './shared/pooling.ts'
import type { PoolAttributes } from './shared/pooling.ts'

interface Inputs {
  /** [N,H,W,C] */
  readonly x: Tensor
}

export const AvgPool: KernelEntry = {
  name: 'AvgPool',
  summary: 'Mean of the pixels of a window that lie inside the image',
  on: { tensorflow: implement<Inputs, PoolAttributes>(onTensorflow) },
}

function onTensorflow({ inputs, attrs, backend }: KernelCall<Inputs, PoolAttributes>): Tensor {
  const info = poolInfo(inputs.x.shape, attrs)
  if (isOfTensorflow(info)) return runOriginal('AvgPool', { inputs: { ...inputs }, attrs, backend })
  return tidy(() => {
    const x = padImages(inputs.x, info) // [N,H+,W+,C]
    const means = runOriginal('AvgPool', { inputs: { x }, attrs: { ...attrs, pad: 'valid' }, backend })
    return mul(means, windowPerCount(info))
  })
}

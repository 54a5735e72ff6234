/** Convolution of images [N,H,W,Cin] with a filter [kh,kw,Cin,Cout]. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { convolveImages } from './shared/images.ts'
import type { ConvolutionAttributes } from './shared/images.ts'
import { composed } from './shared/kernel.ts'

interface Inputs {
  readonly x: TensorInfo
  readonly filter: TensorInfo
}

export const Conv2D = composed<Inputs, ConvolutionAttributes>('Conv2D', (work, { x, filter }, attrs) => {
  const { handle, shape } = convolveImages(work, x, filter, attrs)
  return work.give(handle, 'float32', shape)
})

/** Convolution that keeps channels apart. x [N,H,W,C], filter [kh,kw,C,multiplier], result [N,oh,ow,C·multiplier]. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { convolve } from './shared/convolution.ts'
import { depthwiseFilter, depthwiseWindow } from './shared/depthwise.ts'
import type { DepthwiseAttributes } from './shared/depthwise.ts'
import { composed } from './shared/kernel.ts'
import { channelsFirst, channelsLast } from './shared/window.ts'

interface Inputs {
  readonly x: TensorInfo
  readonly filter: TensorInfo
}

export const DepthwiseConv2dNative = composed<Inputs, DepthwiseAttributes>(
  'DepthwiseConv2dNative',
  (work, { x, filter }, attrs) => {
    const window = depthwiseWindow(x.shape, filter.shape, attrs)
    const images = channelsFirst(work, work.of(x), 2)
    const y = convolve(work, images, depthwiseFilter(work, filter), window, x.shape[3]!)
    return work.give(channelsLast(work, y, 2), 'float32')
  },
)

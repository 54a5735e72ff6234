/** `DepthwiseConv2dNative`, bias and activation in one call. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { addTail } from './shared/activation.ts'
import type { Activation, Tail } from './shared/activation.ts'
import { convolve } from './shared/convolution.ts'
import { depthwiseFilter, depthwiseWindow } from './shared/depthwise.ts'
import type { DepthwiseAttributes } from './shared/depthwise.ts'
import { composed } from './shared/kernel.ts'
import { channelsFirst, channelsLast } from './shared/window.ts'

interface Inputs extends Tail {
  readonly x: TensorInfo
  readonly filter: TensorInfo
}

export const FusedDepthwiseConv2D = composed<Inputs, DepthwiseAttributes & Activation>(
  'FusedDepthwiseConv2D',
  (work, inputs, attrs) => {
    const { x, filter } = inputs
    const window = depthwiseWindow(x.shape, filter.shape, attrs)
    const images = channelsFirst(work, work.of(x), 2)
    const y = convolve(work, images, depthwiseFilter(work, filter), window, x.shape[3]!)
    return work.give(addTail(work, channelsLast(work, y, 2), inputs, attrs), 'float32')
  },
)

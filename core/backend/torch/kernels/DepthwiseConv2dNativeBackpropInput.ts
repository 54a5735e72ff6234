/** The gradient of `DepthwiseConv2dNative` with respect to its input. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { inputGradient } from './shared/convolution.ts'
import { depthwiseFilter, depthwiseWindow } from './shared/depthwise.ts'
import type { DepthwiseAttributes } from './shared/depthwise.ts'
import { composed } from './shared/kernel.ts'
import { channelsFirst, channelsLast } from './shared/window.ts'

interface Inputs {
  readonly dy: TensorInfo
  readonly filter: TensorInfo
}
interface Attributes extends DepthwiseAttributes {
  /** [N,H,W,C] */
  readonly inputShape: number[]
}

export const DepthwiseConv2dNativeBackpropInput = composed<Inputs, Attributes>(
  'DepthwiseConv2dNativeBackpropInput',
  (work, { dy, filter }, attrs) => {
    const [batch = 1, height = 1, width = 1, channels = 1] = attrs.inputShape
    const window = depthwiseWindow(attrs.inputShape, filter.shape, attrs)
    const grad = channelsFirst(work, work.of(dy), 2)
    const shape = [batch, channels, height, width]
    const dx = inputGradient(work, grad, depthwiseFilter(work, filter), shape, window, channels)
    return work.give(channelsLast(work, dx, 2), 'float32', attrs.inputShape)
  },
)

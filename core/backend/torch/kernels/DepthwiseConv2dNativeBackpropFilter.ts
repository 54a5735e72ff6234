/** The gradient of `DepthwiseConv2dNative` with respect to its filter. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { filterGradient } from './shared/convolution.ts'
import { depthwiseWindow } from './shared/depthwise.ts'
import type { DepthwiseAttributes } from './shared/depthwise.ts'
import { composed } from './shared/kernel.ts'
import { channelsFirst } from './shared/window.ts'

interface Inputs {
  readonly x: TensorInfo
  readonly dy: TensorInfo
}
interface Attributes extends DepthwiseAttributes {
  /** [kh,kw,C,multiplier] */
  readonly filterShape: number[]
}

export const DepthwiseConv2dNativeBackpropFilter = composed<Inputs, Attributes>(
  'DepthwiseConv2dNativeBackpropFilter',
  (work, { x, dy }, attrs) => {
    const [height = 1, width = 1, channels = 1, multiplier = 1] = attrs.filterShape
    const window = depthwiseWindow(x.shape, attrs.filterShape, attrs)
    const [images, grad] = [x, dy].map(each => channelsFirst(work, work.of(each), 2))
    const shape = [channels * multiplier, 1, height, width]
    const dw = filterGradient(work, grad!, images!, shape, window, channels)
    const ordered = work.permute(work.reshape(dw, [channels, multiplier, height, width]), [2, 3, 0, 1])
    return work.give(ordered, 'float32', attrs.filterShape)
  },
)

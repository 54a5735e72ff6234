/** The gradient of `Conv2D` with respect to its input. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { inputGradient } from './shared/convolution.ts'
import { filterToTorch, imageConvolution } from './shared/images.ts'
import type { ConvolutionAttributes } from './shared/images.ts'
import { composed } from './shared/kernel.ts'
import { channelsFirst, channelsLast } from './shared/window.ts'

interface Inputs {
  readonly dy: TensorInfo
  readonly filter: TensorInfo
}
interface Attributes extends ConvolutionAttributes {
  /** [N,H,W,Cin], or [N,Cin,H,W] when channels are first. */
  readonly inputShape: number[]
}

export const Conv2DBackpropInput = composed<Inputs, Attributes>(
  'Conv2DBackpropInput',
  (work, { dy, filter }, attrs) => {
    const { inputShape } = attrs
    const { window, outShape, isChannelsFirst, geometry } = imageConvolution(inputShape, filter.shape, attrs)
    // tfjs reads no more of a gradient than the layer gives out.
    let given = work.of(dy)
    for (const [axis, length] of outShape.entries())
      if (dy.shape[axis]! > length) given = work.run('aten::narrow', given, axis, 0, length)
    if (geometry) {
      const dx = work.backend.addon.convolveInputGradient(given, work.of(filter), inputShape, geometry)
      return work.backend.adopt(dx, inputShape, 'float32')
    }
    const gradient = isChannelsFirst ? given : channelsFirst(work, given, 2)
    const weights = work.permute(work.of(filter), filterToTorch)
    const shape = [inputShape[0]!, filter.shape[2]!]
    const dx = inputGradient(work, gradient, weights, shape, window)
    return work.give(isChannelsFirst ? dx : channelsLast(work, dx, 2), 'float32', inputShape)
  },
)

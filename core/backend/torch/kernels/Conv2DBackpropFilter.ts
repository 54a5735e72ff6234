/** The gradient of `Conv2D` with respect to its filter: float32, whatever the images are stored as. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { scalarTypes } from '../binding.ts'
import { filterGradient } from './shared/convolution.ts'
import { filterFromTorch, filterToTorch, imageConvolution } from './shared/images.ts'
import type { ConvolutionAttributes } from './shared/images.ts'
import { composed } from './shared/kernel.ts'
import { channelsFirst } from './shared/window.ts'

interface Inputs {
  readonly x: TensorInfo
  readonly dy: TensorInfo
}
interface Attributes extends ConvolutionAttributes {
  /** [kh,kw,Cin,Cout] */
  readonly filterShape: number[]
}

export const Conv2DBackpropFilter = composed<Inputs, Attributes>(
  'Conv2DBackpropFilter',
  (work, { x, dy }, attrs) => {
    const { filterShape } = attrs
    const { window, isChannelsFirst, geometry } = imageConvolution(x.shape, filterShape, attrs)
    if (geometry) {
      const df = work.backend.addon.convolveFilterGradient(work.of(x), work.of(dy), filterShape, geometry)
      return work.backend.adopt(df, filterShape, 'float32')
    }
    const [images, gradient] = [x, dy].map(each =>
      isChannelsFirst ? work.of(each) : channelsFirst(work, work.of(each), 2),
    )
    const shape = filterToTorch.map(axis => filterShape[axis]!)
    const df = work.permute(filterGradient(work, gradient!, images!, shape, window), filterFromTorch)
    return work.give(work.as(df, scalarTypes.float32), 'float32', filterShape)
  },
)

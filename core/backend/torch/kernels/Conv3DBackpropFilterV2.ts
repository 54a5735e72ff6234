/** The gradient of `Conv3D` with respect to its filter. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { filterGradient } from './shared/convolution.ts'
import { composed } from './shared/kernel.ts'
import { outputsFirst, outputsLast, volumeWindow } from './shared/volume.ts'
import type { VolumeAttributes } from './shared/volume.ts'
import { channelsFirst } from './shared/window.ts'

interface Inputs {
  readonly x: TensorInfo
  readonly dy: TensorInfo
}
interface Attributes extends VolumeAttributes {
  /** [kd,kh,kw,Cin,Cout] */
  readonly filterShape: number[]
}

export const Conv3DBackpropFilterV2 = composed<Inputs, Attributes>(
  'Conv3DBackpropFilterV2',
  (work, { x, dy }, attrs) => {
    const window = volumeWindow(x.shape, attrs.filterShape, attrs)
    const [images, grad] = [x, dy].map(each => channelsFirst(work, work.of(each), 3))
    const shape = outputsFirst.map(axis => attrs.filterShape[axis]!)
    const dw = filterGradient(work, grad!, images!, shape, window)
    return work.give(work.permute(dw, outputsLast), 'float32', attrs.filterShape)
  },
)

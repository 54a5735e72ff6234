/** The gradient of `Conv3D` with respect to its input. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { inputGradient } from './shared/convolution.ts'
import { composed } from './shared/kernel.ts'
import { outputsFirst, volumeWindow } from './shared/volume.ts'
import type { VolumeAttributes } from './shared/volume.ts'
import { channelsFirst, channelsLast } from './shared/window.ts'

interface Inputs {
  readonly dy: TensorInfo
  readonly filter: TensorInfo
}
interface Attributes extends VolumeAttributes {
  /** [N,D,H,W,C] */
  readonly inputShape: number[]
}

export const Conv3DBackpropInputV2 = composed<Inputs, Attributes>(
  'Conv3DBackpropInputV2',
  (work, { dy, filter }, attrs) => {
    const [batch = 1, depth = 1, height = 1, width = 1, channels = 1] = attrs.inputShape
    const window = volumeWindow(attrs.inputShape, filter.shape, attrs)
    const weights = work.permute(work.of(filter), outputsFirst)
    const shape = [batch, channels, depth, height, width]
    const dx = inputGradient(work, channelsFirst(work, work.of(dy), 3), weights, shape, window)
    return work.give(channelsLast(work, dx, 3), 'float32', attrs.inputShape)
  },
)

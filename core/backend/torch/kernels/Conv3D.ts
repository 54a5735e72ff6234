/** Convolution over volumes. x [N,D,H,W,Cin], filter [kd,kh,kw,Cin,Cout]. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { convolve } from './shared/convolution.ts'
import { composed } from './shared/kernel.ts'
import { outputsFirst, volumeWindow } from './shared/volume.ts'
import type { VolumeAttributes } from './shared/volume.ts'
import { channelsFirst, channelsLast } from './shared/window.ts'

interface Inputs {
  readonly x: TensorInfo
  readonly filter: TensorInfo
}

export const Conv3D = composed<Inputs, VolumeAttributes>('Conv3D', (work, { x, filter }, attrs) => {
  const window = volumeWindow(x.shape, filter.shape, attrs)
  const weights = work.permute(work.of(filter), outputsFirst)
  const y = convolve(work, channelsFirst(work, work.of(x), 3), weights, window)
  return work.give(channelsLast(work, y, 3), 'float32')
})

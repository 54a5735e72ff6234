/** Convolution, bias and activation in one call. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { Handle } from '../binding.ts'
import { addTail } from './shared/activation.ts'
import type { Activation, Tail } from './shared/activation.ts'
import { convolveImages } from './shared/images.ts'
import type { ConvolutionAttributes } from './shared/images.ts'
import { composed } from './shared/kernel.ts'

interface Inputs extends Tail {
  readonly x: TensorInfo
  readonly filter: TensorInfo
}

export const FusedConv2D = composed<Inputs, ConvolutionAttributes & Activation>(
  'FusedConv2D',
  (work, inputs, attrs) => {
    const { handle, shape } = convolveImages(work, inputs.x, inputs.filter, attrs)
    // One number per channel broadcasts along the last dimension, where channels are not when they come first.
    const perChannel = (tensor: TensorInfo): Handle =>
      attrs.dataFormat === 'NCHW' && tensor.shape.length === 1 && tensor.shape[0] !== 1
        ? work.reshape(work.of(tensor), [tensor.shape[0]!, 1, 1])
        : work.of(tensor)
    return work.give(addTail(work, handle, inputs, attrs, perChannel), 'float32', shape)
  },
)

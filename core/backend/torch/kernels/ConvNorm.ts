/** Convolution, batch norm with running statistics, an optional addition and ReLU in one pass: for evaluation. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { AppError } from '../../../errors/index.ts'
import { imageConvolution } from './shared/images.ts'
import type { ConvolutionAttributes } from './shared/images.ts'
import { torchKernel } from './shared/kernel.ts'

interface Inputs {
  readonly x: TensorInfo
  readonly filter: TensorInfo
  readonly gamma: TensorInfo
  readonly beta: TensorInfo
  readonly mean: TensorInfo
  readonly variance: TensorInfo
  /** Like the output. */
  readonly addend?: TensorInfo
}
interface Attributes extends ConvolutionAttributes {
  readonly epsilon: number
  readonly relu: boolean
}

export const ConvNorm = torchKernel<Inputs, Attributes>('ConvNorm', ({ inputs, attrs, backend }) => {
  const { x, filter, gamma, beta, mean, variance, addend } = inputs
  const { geometry, outShape } = imageConvolution(x.shape, filter.shape, attrs)
  if (geometry === null)
    throw new AppError('internal', 'ConvNorm: expected channels last and no dilation, as graphs have them')
  const [image, weights, scale, shift, centre, spread] = [x, filter, gamma, beta, mean, variance].map(each =>
    backend.handle(each),
  ) as [number, number, number, number, number, number]
  const added = addend ? backend.handle(addend) : null
  const { epsilon, relu } = attrs
  const tail = [added, epsilon, relu] as const
  const y = backend.addon.convolveNormalised(image, weights, geometry, scale, shift, centre, spread, ...tail)
  return backend.adopt(y, outShape, 'float32')
})

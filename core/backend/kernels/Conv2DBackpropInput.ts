/** Gradient of a convolution with respect to its input, in place of the slow one of tfjs's wasm backend. */
import type { KernelFunc, Tensor4D } from '@tensorflow/tfjs-core'
import { convolutionInfo, inputGradientByConvolution } from './shared/convolution.ts'
import type { ConvolutionAttributes } from './shared/convolution.ts'
import type { KernelEntry } from './shared/kernel.ts'

export const Conv2DBackpropInput: KernelEntry = {
  name: 'Conv2DBackpropInput',
  summary: 'Gradient of a convolution with respect to its input',
  on: { wasm: onWasm as unknown as KernelFunc },
}

interface Call {
  inputs: { dy: Tensor4D; filter: Tensor4D }
  attrs: ConvolutionAttributes & { inputShape: readonly number[] }
}

function onWasm({ inputs, attrs }: Call): Tensor4D {
  const info = convolutionInfo(attrs.inputShape, inputs.filter.shape, attrs)
  return inputGradientByConvolution(inputs.dy, inputs.filter, info)
}

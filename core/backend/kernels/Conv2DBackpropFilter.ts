/** Gradient of a convolution with respect to its filter; tfjs's wasm backend has none. */
import type { KernelFunc, Tensor4D } from '@tensorflow/tfjs-core'
import { convolutionInfo, filterGradientByConvolution } from './shared/convolution.ts'
import type { ConvolutionAttributes } from './shared/convolution.ts'
import type { KernelEntry } from './shared/kernel.ts'

export const Conv2DBackpropFilter: KernelEntry = {
  name: 'Conv2DBackpropFilter',
  summary: 'Gradient of a convolution with respect to its filter',
  on: { wasm: onWasm as unknown as KernelFunc },
}

interface Call {
  inputs: { x: Tensor4D; dy: Tensor4D }
  attrs: ConvolutionAttributes & { filterShape: readonly number[] }
}

function onWasm({ inputs, attrs }: Call): Tensor4D {
  const info = convolutionInfo(inputs.x.shape, attrs.filterShape, attrs)
  return filterGradientByConvolution(inputs.x, inputs.dy, info)
}

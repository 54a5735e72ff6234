/** Gradient of a convolution with respect to its filter; tfjs's wasm backend has none. */
import type { KernelBackend, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core'
import { filterGradient } from '../simd/filter-gradient.ts'
import { simdModule } from '../simd/module.ts'
import { convolutionInfo } from './shared/convolution.ts'
import type { ConvolutionAttributes } from './shared/convolution.ts'
import type { KernelEntry } from './shared/kernel.ts'

export const Conv2DBackpropFilter: KernelEntry = {
  name: 'Conv2DBackpropFilter',
  summary: 'Gradient of a convolution with respect to its filter',
  on: { wasm: onWasm as unknown as KernelFunc },
}

interface Call {
  backend: KernelBackend
  inputs: { x: TensorInfo; dy: TensorInfo }
  attrs: ConvolutionAttributes & { filterShape: readonly number[] }
}

function onWasm({ inputs, attrs, backend }: Call): TensorInfo {
  const info = convolutionInfo(inputs.x.shape, attrs.filterShape, attrs)
  return filterGradient(simdModule(backend), inputs.x, inputs.dy, info)
}

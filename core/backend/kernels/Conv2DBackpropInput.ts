/** Gradient of a convolution with respect to its input, in place of the slow one of tfjs's wasm backend. */
import type { KernelBackend, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core'
import { inputGradient } from '../simd/input-gradient.ts'
import { simdModule } from '../simd/module.ts'
import { convolutionInfo } from './shared/convolution.ts'
import type { ConvolutionAttributes } from './shared/convolution.ts'
import type { KernelEntry } from './shared/kernel.ts'

export const Conv2DBackpropInput: KernelEntry = {
  name: 'Conv2DBackpropInput',
  summary: 'Gradient of a convolution with respect to its input',
  on: { wasm: onWasm as unknown as KernelFunc },
}

interface Call {
  backend: KernelBackend
  inputs: { dy: TensorInfo; filter: TensorInfo }
  attrs: ConvolutionAttributes & { inputShape: readonly number[] }
}

function onWasm({ inputs, attrs, backend }: Call): TensorInfo {
  const info = convolutionInfo(attrs.inputShape, inputs.filter.shape, attrs)
  return inputGradient(simdModule(backend), inputs.dy, inputs.filter, info)
}

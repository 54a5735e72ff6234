/** Gradient of a convolution with respect to its input, in place of the slow one of tfjs's wasm backend. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { inputGradient } from '../simd/input-gradient.ts'
import { simdModule } from '../simd/module.ts'
import { convolutionInfo } from './shared/convolution.ts'
import type { ConvolutionAttributes } from './shared/convolution.ts'
import { implement } from './shared/kernel.ts'
import type { KernelEntry } from './shared/kernel.ts'

interface Inputs {
  readonly dy: TensorInfo
  readonly filter: TensorInfo
}
type Attributes = ConvolutionAttributes & { readonly inputShape: readonly number[] }

export const Conv2DBackpropInput: KernelEntry = {
  name: 'Conv2DBackpropInput',
  summary: 'Gradient of a convolution with respect to its input',
  on: {
    wasm: implement<Inputs, Attributes>(({ inputs, attrs, backend }) => {
      const info = convolutionInfo(attrs.inputShape, inputs.filter.shape, attrs)
      return inputGradient(simdModule(backend), inputs.dy, inputs.filter, info)
    }),
  },
}

/** Gradient of a convolution with respect to its filter; tfjs's wasm backend has none. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { filterGradient } from '../simd/filter-gradient.ts'
import { simdModule } from '../simd/module.ts'
import { convolutionInfo } from './shared/convolution.ts'
import type { ConvolutionAttributes } from './shared/convolution.ts'
import { implement } from './shared/kernel.ts'
import type { KernelEntry } from './shared/kernel.ts'

interface Inputs {
  readonly x: TensorInfo
  readonly dy: TensorInfo
}
type Attributes = ConvolutionAttributes & { readonly filterShape: readonly number[] }

export const Conv2DBackpropFilter: KernelEntry = {
  name: 'Conv2DBackpropFilter',
  summary: 'Gradient of a convolution with respect to its filter',
  on: {
    wasm: implement<Inputs, Attributes>(({ inputs, attrs, backend }) => {
      const info = convolutionInfo(inputs.x.shape, attrs.filterShape, attrs)
      return filterGradient(simdModule(backend), inputs.x, inputs.dy, info)
    }),
  },
}

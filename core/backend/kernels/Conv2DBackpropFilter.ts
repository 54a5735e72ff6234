/** Gradient of a convolution with respect to its filter; tfjs's wasm backend has none, TensorFlow's no explicit padding. */
import { tidy } from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { filterGradient } from '../simd/filter-gradient.ts'
import { simdModule } from '../simd/module.ts'
import { convolutionInfo } from './shared/convolution.ts'
import type { ConvolutionAttributes, Pad } from './shared/convolution.ts'
import { isOfTensorflow, padImages } from './shared/explicit-padding.ts'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { runOriginal } from './shared/originals.ts'

interface Inputs {
  readonly x: Tensor
  readonly dy: Tensor
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
    tensorflow: implement<Inputs, Attributes>(onTensorflow),
  },
}

function onTensorflow({ inputs, attrs, backend }: KernelCall<Inputs, Attributes>): Tensor {
  const info = convolutionInfo(inputs.x.shape, attrs.filterShape, attrs)
  const own = (x: Tensor, pad: Pad): Tensor =>
    runOriginal('Conv2DBackpropFilter', { inputs: { x, dy: inputs.dy }, attrs: { ...attrs, pad }, backend })
  if (isOfTensorflow(info)) return own(inputs.x, attrs.pad)
  return tidy(() => own(padImages(inputs.x, info), 'valid'))
}

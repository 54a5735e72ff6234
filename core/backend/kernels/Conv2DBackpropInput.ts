/**
 * Gradient of a convolution with respect to its input, in place of the slow one of tfjs's wasm backend and of TensorFlow's
 * without explicit padding.
 */
import { tidy } from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { inputGradient } from '../simd/input-gradient.ts'
import { simdModule } from '../simd/module.ts'
import { convolutionInfo } from './shared/convolution.ts'
import type { ConvolutionAttributes } from './shared/convolution.ts'
import { cropImages, isOfTensorflow, paddedShape } from './shared/explicit-padding.ts'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { runOriginal } from './shared/originals.ts'

interface Inputs {
  readonly dy: Tensor
  readonly filter: Tensor
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
    tensorflow: implement<Inputs, Attributes>(onTensorflow),
  },
}

function onTensorflow({ inputs, attrs, backend }: KernelCall<Inputs, Attributes>): Tensor {
  const info = convolutionInfo(attrs.inputShape, inputs.filter.shape, attrs)
  const own = (changed: Partial<Attributes>): Tensor =>
    runOriginal('Conv2DBackpropInput', { inputs: { ...inputs }, attrs: { ...attrs, ...changed }, backend })
  if (isOfTensorflow(info)) return own({})
  return tidy(() => cropImages(own({ pad: 'valid', inputShape: paddedShape(info) }), info))
}

/**
 * Convolution: for wasm with fused multiply-add, faster than tfjs's own, to which dilated ones stay; for TensorFlow with
 * padding given as one number, which tfjs-node refuses.
 */
import { backend_util } from '@tensorflow/tfjs-core'
import type { KernelFunc, Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { forwardConvolution } from '../simd/forward-convolution.ts'
import { simdModule } from '../simd/module.ts'
import { convolutionInfo } from './shared/convolution.ts'
import type { ConvolutionAttributes } from './shared/convolution.ts'
import { around } from './shared/explicit-padding.ts'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { originalKernel, runOriginal } from './shared/originals.ts'

interface Inputs {
  readonly x: TensorInfo
  readonly filter: TensorInfo
}
type Attributes = ConvolutionAttributes & { readonly dilations?: number | [number, number] }

export const Conv2D: KernelEntry = {
  name: 'Conv2D',
  summary: 'Convolution of [N,H,W,Cin] with a filter [kh,kw,Cin,Cout]',
  on: {
    wasm: implement<Inputs, Attributes>(call => {
      const { inputs, attrs, backend } = call
      if (!backend_util.tupleValuesAreOne(attrs.dilations ?? 1)) {
        return originalKernel('Conv2D', 'wasm')(call as unknown as Parameters<KernelFunc>[0])
      }
      const info = convolutionInfo(inputs.x.shape, inputs.filter.shape, attrs)
      return forwardConvolution(simdModule(backend), inputs.x, inputs.filter, info)
    }),
    tensorflow: implement<Inputs, Attributes>(onTensorflow),
  },
}

function onTensorflow({ inputs, attrs, backend }: KernelCall<Inputs, Attributes>): Tensor {
  const pad = typeof attrs.pad === 'number' ? around(attrs.pad) : attrs.pad
  return runOriginal('Conv2D', { inputs: { ...inputs }, attrs: { ...attrs, pad }, backend })
}

/**
 * Gradient of max pooling. tfjs's own on wasm is slow and wrong where all values of a window are negative: it takes the
 * smallest positive float for the least one. TensorFlow's has no explicit padding.
 */
import { tidy } from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { simdModule } from '../simd/module.ts'
import { poolGradient } from '../simd/pool-gradient.ts'
import { cropImages, isOfTensorflow, padImages } from './shared/explicit-padding.ts'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { runOriginal } from './shared/originals.ts'
import { poolInfo } from './shared/pooling.ts'
import type { PoolAttributes } from './shared/pooling.ts'

interface Inputs {
  readonly dy: Tensor
  /** The layer's input [N,H,W,C]. */
  readonly input: Tensor
  readonly output: Tensor
}

export const MaxPoolGrad: KernelEntry = {
  name: 'MaxPoolGrad',
  summary: 'Gradient of max pooling; the first of equal values gets it',
  on: {
    wasm: implement<Inputs, PoolAttributes>(({ inputs, attrs, backend }) =>
      poolGradient(simdModule(backend), inputs.input, inputs.dy, poolInfo(inputs.input.shape, attrs)),
    ),
    tensorflow: implement<Inputs, PoolAttributes>(onTensorflow),
  },
}

function onTensorflow({ inputs, attrs, backend }: KernelCall<Inputs, PoolAttributes>): Tensor {
  const info = poolInfo(inputs.input.shape, attrs)
  if (isOfTensorflow(info)) return runOriginal('MaxPoolGrad', { inputs: { ...inputs }, attrs, backend })
  return tidy(() => {
    const input = padImages(inputs.input, info, -Infinity) // [N,H+,W+,C]
    const call = { inputs: { ...inputs, input }, attrs: { ...attrs, pad: 'valid' }, backend }
    return cropImages(runOriginal('MaxPoolGrad', call), info)
  })
}

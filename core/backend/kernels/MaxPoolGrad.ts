/**
 * Gradient of max pooling for wasm. tfjs's own is slow and wrong where all values of a window are negative: it takes the
 * smallest positive float for the least one.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { simdModule } from '../simd/module.ts'
import { poolGradient } from '../simd/pool-gradient.ts'
import { implement } from './shared/kernel.ts'
import type { KernelEntry } from './shared/kernel.ts'
import { poolInfo } from './shared/pooling.ts'
import type { PoolAttributes } from './shared/pooling.ts'

interface Inputs {
  readonly dy: TensorInfo
  /** The layer's input [N,H,W,C]. */
  readonly input: TensorInfo
}

export const MaxPoolGrad: KernelEntry = {
  name: 'MaxPoolGrad',
  summary: 'Gradient of max pooling; the first of equal values gets it',
  on: {
    wasm: implement<Inputs, PoolAttributes>(({ inputs, attrs, backend }) =>
      poolGradient(simdModule(backend), inputs.input, inputs.dy, poolInfo(inputs.input.shape, attrs)),
    ),
  },
}

/** The gradient of `MaxPool` with respect to its input. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'
import { maxPoolGrad, poolWindow } from './shared/pooling.ts'
import type { PoolAttributes } from './shared/pooling.ts'

interface Inputs {
  readonly dy: TensorInfo
  readonly input: TensorInfo
}

export const MaxPoolGrad = composed<Inputs, PoolAttributes>('MaxPoolGrad', (work, { dy, input }, attrs) =>
  maxPoolGrad(work, dy, input, poolWindow(input.shape, attrs)),
)

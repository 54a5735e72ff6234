/** The gradient of `MaxPool3D` with respect to its input. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'
import { maxPoolGrad, poolWindow } from './shared/pooling.ts'
import type { PoolAttributes } from './shared/pooling.ts'

interface Inputs {
  readonly dy: TensorInfo
  readonly input: TensorInfo
}

export const MaxPool3DGrad = composed<Inputs, PoolAttributes>('MaxPool3DGrad', (work, { dy, input }, attrs) =>
  maxPoolGrad(work, dy, input, poolWindow(input.shape, attrs)),
)

/** The gradient of `AvgPool3D` with respect to its input. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'
import { avgPoolGrad, poolWindow } from './shared/pooling.ts'
import type { PoolAttributes } from './shared/pooling.ts'

interface Inputs {
  readonly dy: TensorInfo
  readonly input: TensorInfo
}

export const AvgPool3DGrad = composed<Inputs, PoolAttributes>('AvgPool3DGrad', (work, { dy, input }, attrs) =>
  avgPoolGrad(work, dy, input.shape, poolWindow(input.shape, attrs)),
)

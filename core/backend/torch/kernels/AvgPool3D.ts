/** Mean of the values inside the image in each window, over volumes [N,D,H,W,C]. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'
import { avgPool, poolWindow } from './shared/pooling.ts'
import type { PoolAttributes } from './shared/pooling.ts'

export const AvgPool3D = composed<{ x: TensorInfo }, PoolAttributes>('AvgPool3D', (work, { x }, attrs) =>
  avgPool(work, x, poolWindow(x.shape, attrs)),
)

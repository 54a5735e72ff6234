/** Mean of the values inside the image in each window, over images [N,H,W,C]. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'
import { avgPool, poolWindow } from './shared/pooling.ts'
import type { PoolAttributes } from './shared/pooling.ts'

export const AvgPool = composed<{ x: TensorInfo }, PoolAttributes>('AvgPool', (work, { x }, attrs) =>
  avgPool(work, x, poolWindow(x.shape, attrs)),
)

/** Largest value in each window, over images [N,H,W,C]. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'
import { maxPool, poolWindow } from './shared/pooling.ts'
import type { PoolAttributes } from './shared/pooling.ts'

export const MaxPool = composed<{ x: TensorInfo }, PoolAttributes>('MaxPool', (work, { x }, attrs) =>
  maxPool(work, x, poolWindow(x.shape, attrs)),
)

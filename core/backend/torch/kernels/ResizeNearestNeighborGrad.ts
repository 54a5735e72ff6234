/** The gradient of `ResizeNearestNeighbor` with respect to its images. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'
import { gatherBack, nearestPixels } from './shared/resizing.ts'
import type { ResizeAttributes } from './shared/resizing.ts'

interface Inputs {
  readonly images: TensorInfo
  readonly dy: TensorInfo
}

export const ResizeNearestNeighborGrad = composed<Inputs, ResizeAttributes>(
  'ResizeNearestNeighborGrad',
  (work, { images, dy }, attrs) => {
    const [, height = 1, width = 1] = images.shape
    const [, newHeight = 1, newWidth = 1] = dy.shape
    const [rows, columns] = [nearestPixels(height, newHeight, attrs), nearestPixels(width, newWidth, attrs)]
    const across = gatherBack(work, null, work.of(dy), 2, width, columns)
    return work.give(gatherBack(work, null, across, 1, height, rows), 'float32', images.shape)
  },
)

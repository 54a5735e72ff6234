/** The gradient of `ResizeBilinear` with respect to its images. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'
import { betweenPixels, spread } from './shared/resizing.ts'
import type { ResizeAttributes } from './shared/resizing.ts'

interface Inputs {
  readonly images: TensorInfo
  readonly dy: TensorInfo
}

export const ResizeBilinearGrad = composed<Inputs, ResizeAttributes>(
  'ResizeBilinearGrad',
  (work, { images, dy }, attrs) => {
    const [, height = 1, width = 1] = images.shape
    const [, newHeight = 1, newWidth = 1] = dy.shape
    const rows = spread(work, work.float(work.of(dy)), 2, width, betweenPixels(width, newWidth, attrs))
    const dx = spread(work, rows, 1, height, betweenPixels(height, newHeight, attrs))
    return work.give(dx, 'float32', images.shape)
  },
)

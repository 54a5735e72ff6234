/** Images [N,H,W,C] in another size, each pixel blended from the four around its place. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'
import { betweenPixels, blend } from './shared/resizing.ts'
import type { ResizeAttributes } from './shared/resizing.ts'

export const ResizeBilinear = composed<{ images: TensorInfo }, ResizeAttributes>(
  'ResizeBilinear',
  (work, { images }, attrs) => {
    const [batch = 1, height = 1, width = 1, channels = 1] = images.shape
    const [newHeight, newWidth] = attrs.size
    const rows = blend(work, work.float(work.of(images)), 1, betweenPixels(height, newHeight, attrs))
    const resized = blend(work, rows, 2, betweenPixels(width, newWidth, attrs))
    return work.give(resized, 'float32', [batch, newHeight, newWidth, channels])
  },
)

/** Images [N,H,W,C] in another size, each pixel taken from the nearest. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'
import { nearestPixels } from './shared/resizing.ts'
import type { ResizeAttributes } from './shared/resizing.ts'

export const ResizeNearestNeighbor = composed<{ images: TensorInfo }, ResizeAttributes>(
  'ResizeNearestNeighbor',
  (work, { images }, attrs) => {
    const [, height = 1, width = 1] = images.shape
    const [rows, columns] = [
      nearestPixels(height, attrs.size[0], attrs),
      nearestPixels(width, attrs.size[1], attrs),
    ]
    const taken = work.run('aten::index_select', work.of(images), 1, work.indices(rows))
    return work.give(work.run('aten::index_select', taken, 2, work.indices(columns)), images.dtype)
  },
)

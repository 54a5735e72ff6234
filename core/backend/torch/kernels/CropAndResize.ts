/** Boxes of images, each resized to one size. Boxes are [y1, x1, y2, x2] from 0 to 1; what lies outside takes a given value. */
import type { CropAndResizeAttrs, TensorInfo } from '@tensorflow/tfjs-core'
import { scalarTypes } from '../binding.ts'
import { composed } from './shared/kernel.ts'
import { sample } from './shared/sampling.ts'
import type { Point } from './shared/sampling.ts'
import { range } from './shared/shapes.ts'

interface Inputs {
  readonly image: TensorInfo
  readonly boxes: TensorInfo
  readonly boxInd: TensorInfo
}

export const CropAndResize = composed<Inputs, CropAndResizeAttrs>(
  'CropAndResize',
  (work, { image, boxes, boxInd }, { cropSize, method, extrapolationValue }) => {
    const [batch = 1, height = 1, width = 1, channels = 1] = image.shape
    const corners = work.backend.readSync(boxes.dataId) as Float32Array
    const images = work.backend.readSync(boxInd.dataId) as Int32Array
    const points = range(boxes.shape[0]!).flatMap(box => {
      const [y1 = 0, x1 = 0, y2 = 0, x2 = 0] = corners.subarray(4 * box)
      const rows = placesOf(y1, y2, cropSize[0], height)
      const columns = placesOf(x1, x2, cropSize[1], width)
      return rows.flatMap(y =>
        columns.map((x): Point | null => {
          const isInside = y >= 0 && y <= height - 1 && x >= 0 && x <= width - 1
          return isInside && images[box]! < batch ? { image: images[box]!, y, x } : null
        }),
      )
    })
    const fill = work.full([], extrapolationValue, scalarTypes.float32)
    const pixels = sample(work, image, { method, points }, fill)
    const shape = [boxes.shape[0]!, ...cropSize, channels]
    return work.give(work.reshape(pixels, shape), 'float32', shape)
  },
)

/** Where the pixels of a crop lie along an axis of the image. */
function placesOf(from: number, to: number, count: number, size: number): number[] {
  if (count <= 1) return range(count).map(() => 0.5 * (from + to) * (size - 1))
  const step = ((to - from) * (size - 1)) / (count - 1)
  return range(count).map(index => from * (size - 1) + index * step)
}

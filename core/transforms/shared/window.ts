/** Cutting out a part that may reach over the borders; what lies outside is black. */
import type { Box } from './resample.ts'
import type { Image } from './transform.ts'

/** @param box in the image's pixels; may begin below zero and end beyond the image */
export function window(image: Image, box: Box): Image {
  const { channels } = image
  if (box.x === 0 && box.y === 0 && box.width === image.width && box.height === image.height) return image
  const data = new Uint8Array(box.width * box.height * channels)
  const left = Math.max(box.x, 0)
  const right = Math.min(box.x + box.width, image.width)
  if (right > left) {
    for (let y = Math.max(box.y, 0); y < Math.min(box.y + box.height, image.height); y++) {
      const from = (y * image.width + left) * channels
      const at = ((y - box.y) * box.width + left - box.x) * channels
      data.set(image.data.subarray(from, from + (right - left) * channels), at)
    }
  }
  return { data, width: box.width, height: box.height, channels }
}

/**
 * Random erasing: rectangles of some images, after normalising, become noise, one colour or the mean.
 *
 * @source Zhong et al. 2020; timm.data.random_erasing.RandomErasing
 */
import * as tf from '@tensorflow/tfjs-core'
import type { MixingConfig } from '../experiment/index.ts'
import { normalStream } from '../graph/index.ts'

type ErasingConfig = MixingConfig['erasing']

export interface ErasedPart {
  readonly top: number
  readonly left: number
  readonly height: number
  readonly width: number
}

const tries = 10

/**
 * The rectangles of one image, none where it is spared. Of `count` above 1 a number from 1 to it is drawn, and the area is shared.
 * @param size of the image
 */
export function chooseParts(
  settings: ErasingConfig,
  size: readonly [height: number, width: number],
  random: () => number,
): ErasedPart[] {
  if (random() >= settings.probability) return []
  const count = settings.count === 1 ? 1 : 1 + Math.floor(random() * settings.count)
  const parts = Array.from({ length: count }, () => choosePart(settings, size, count, random))
  return parts.filter(part => part !== null)
}

/** @returns null where none of the tries fits into the image */
function choosePart(
  { minArea, maxArea, minAspect }: ErasingConfig,
  [height, width]: readonly [number, number],
  count: number,
  random: () => number,
): ErasedPart | null {
  const widest = -Math.log(minAspect)
  for (let attempt = 0; attempt < tries; attempt++) {
    const area = ((minArea + random() * (maxArea - minArea)) * height * width) / count
    const aspect = Math.exp((2 * random() - 1) * widest)
    const rows = Math.round(Math.sqrt(area * aspect))
    const columns = Math.round(Math.sqrt(area / aspect))
    if (rows >= height || columns >= width) continue
    const top = Math.floor(random() * (height - rows + 1))
    const left = Math.floor(random() * (width - columns + 1))
    return { top, left, height: rows, width: columns }
  }
  return null
}

/**
 * Only the images that lose something travel: their masks and fillings are made here, the rest stays on the device.
 * @param images [B,H,W,C]; the result is new, or `images` itself where nothing is erased
 */
export function eraseParts(images: tf.Tensor4D, settings: ErasingConfig, random: () => number): tf.Tensor4D {
  const [count, height, width, channels] = images.shape
  const chosen = Array.from({ length: count }, (_, image) => ({
    image,
    parts: chooseParts(settings, [height, width], random),
  })).filter(({ parts }) => parts.length > 0)
  if (chosen.length === 0) return images
  const kept = new Float32Array(chosen.length * height * width).fill(1)
  const filling = new Float32Array(settings.mode === 'zero' ? 0 : kept.length * channels)
  const normal = normalStream(random)
  for (const [at, { parts }] of chosen.entries()) {
    for (const part of parts) {
      const colour = Array.from({ length: channels }, () => (settings.mode === 'colour' ? normal() : 0))
      for (let row = part.top; row < part.top + part.height; row++) {
        const from = (at * height + row) * width + part.left
        kept.fill(0, from, from + part.width)
        if (settings.mode === 'zero') continue
        for (let value = from * channels; value < (from + part.width) * channels; value++)
          filling[value] = settings.mode === 'pixel' ? normal() : colour[value % channels]!
      }
    }
  }
  const order = Int32Array.from({ length: count }, (_, image) => image)
  for (const [at, { image }] of chosen.entries()) order[image] = count + at
  return tf.tidy(() => {
    const touched = tf.gather(
      images,
      Int32Array.from(chosen, ({ image }) => image),
    ) // [k,H,W,C]
    const masked = tf.mul(touched, tf.tensor4d(kept, [chosen.length, height, width, 1]))
    const erased = settings.mode === 'zero' ? masked : tf.add(masked, tf.tensor4d(filling, touched.shape))
    return tf.gather(tf.concat([images, erased as tf.Tensor4D], 0), order)
  })
}

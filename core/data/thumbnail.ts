/** Pictures of samples to look at: small ones for grids, whole ones as a network's transforms would receive them. */
import sharp, { type Sharp } from 'sharp'
import type { OpenDataset, SplitName } from '../datasets/shared/reader.ts'
import { AppError } from '../errors/index.ts'
import type { Image } from '../transforms/shared/transform.ts'
import { decodeImage } from './decode.ts'

/** An encoded picture and its media type. */
export interface Picture {
  readonly type: 'image/webp' | 'image/png'
  readonly bytes: Uint8Array
}

/** Pixels of one enlarged pixel at most, so that tiny images stay recognisable. */
const largestEnlargement = 8

/**
 * A sample made to fit a square. Small images of bare pixels are enlarged by a whole factor without smoothing.
 * @param size side of the square in pixels, 1 to 1024
 * @throws AppError not-found; data-invalid or data-unreadable, naming the file
 */
export async function makeThumbnail(
  dataset: OpenDataset,
  splitName: SplitName,
  index: number,
  size: number,
): Promise<Picture> {
  const split = splitWith(dataset, splitName, index)
  const sample = await split.read(index)
  const isPixels = sample.kind === 'pixels'
  const image = isPixels ? sample.image : await decodeImage(sample.bytes, 3, split.name(index), size)
  const larger = Math.max(image.width, image.height)
  const factor = isPixels ? Math.min(Math.floor(size / larger), largestEnlargement) : 1
  if (factor >= 1 && larger <= size) return png(image, factor)
  const bytes = await raw(image)
    .resize(size, size, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 80, effort: 0 })
    .toBuffer()
  return { type: 'image/webp', bytes }
}

/**
 * A whole sample, decoded as for training, without loss.
 * @throws AppError not-found; data-invalid or data-unreadable, naming the file
 */
export async function imagePng(dataset: OpenDataset, splitName: SplitName, index: number): Promise<Picture> {
  const split = splitWith(dataset, splitName, index)
  const sample = await split.read(index)
  return png(
    sample.kind === 'pixels' ? sample.image : await decodeImage(sample.bytes, 3, split.name(index)),
    1,
  )
}

/** A file's picture as it is decoded, with its size. @throws AppError data-invalid calling it by its name. */
export async function decodedPng(
  bytes: Uint8Array,
  name: string,
): Promise<Picture & { readonly width: number; readonly height: number }> {
  const image = await decodeImage(bytes, 3, name)
  return { ...(await png(image, 1)), width: image.width, height: image.height }
}

function splitWith(dataset: OpenDataset, name: SplitName, index: number) {
  const split = dataset.splits[name]
  if (split && Number.isInteger(index) && index >= 0 && index < split.count) return split
  const message = split
    ? `Split '${name}' has images 0 to ${split.count - 1}, not ${index}`
    : `This data set has no split '${name}'`
  throw new AppError('not-found', message, { split: name, index })
}

async function png(image: Image, factor: number): Promise<Picture> {
  const picture = raw(image)
  if (factor > 1)
    picture.resize(image.width * factor, image.height * factor, { kernel: 'nearest', fit: 'fill' })
  return { type: 'image/png', bytes: await picture.png({ compressionLevel: 3 }).toBuffer() }
}

/** sharp takes no shared memory: the pixels are copied. */
function raw({ data, width, height, channels }: Image): Sharp {
  return sharp(Uint8Array.from(data), { raw: { width, height, channels } })
}

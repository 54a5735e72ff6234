/** From an image of a data set to a record: as it is, or made smaller. */
import sharp from 'sharp'
import { pictureSize, sniff } from '../../datasets/shared/pictureHeader.ts'
import type { Sample } from '../../datasets/shared/reader.ts'
import type { WrittenExample } from '../../datasets/shared/tfrecord/example.ts'
import type { Image } from '../../transforms/shared/transform.ts'
import { decodeImage } from '../decode.ts'
import type { PackOptions } from './types.ts'

type Picture = Pick<WrittenExample, 'image' | 'format' | 'height' | 'width' | 'channels'>

const synsetPattern = /^n\d{8}$/

/**
 * JPEG and PNG files are kept byte by byte; what slim's readers do not know becomes PNG, without loss. Pictures that are made
 * smaller become JPEG.
 * @param name of the image in its data set
 * @throws AppError data-invalid when it cannot be decoded and has to be
 */
export async function toExample(
  sample: Sample,
  name: string,
  label: number,
  className: string,
  options: PackOptions,
): Promise<WrittenExample> {
  const synset = synsetPattern.test(className) ? className : ''
  const picture = await pictureOf(sample, name, options)
  return { ...picture, label: label + options.labelOffset, text: className, synset, filename: name }
}

async function pictureOf(sample: Sample, name: string, options: PackOptions): Promise<Picture> {
  const { shorterSide } = options
  if (shorterSide !== undefined) return smaller(sample, name, shorterSide, options.quality)
  if (sample.kind === 'pixels') return png(sample.image)
  const found = sniff(sample.bytes)
  const format = found.kind === 'image' ? found.format : null
  const size = format === 'JPEG' || format === 'PNG' ? pictureSize(sample.bytes) : null
  if (!size) return png(await decodeImage(sample.bytes, 3, name))
  const channels = size.channels === 1 ? 1 : 3
  return { image: sample.bytes, format: format as 'JPEG' | 'PNG', ...size, channels }
}

/** Never larger than it was. */
async function smaller(sample: Sample, name: string, side: number, quality: number): Promise<Picture> {
  const image = sample.kind === 'pixels' ? sample.image : await decodedTo(sample.bytes, name, side)
  const { width, height, channels } = image
  const scale = Math.min(1, side / Math.min(width, height))
  const made = raw(image)
  if (scale < 1) made.resize(Math.round(width * scale), Math.round(height * scale), { fit: 'fill' })
  const { data, info } = await made.jpeg({ quality }).toBuffer({ resolveWithObject: true })
  return { image: data, format: 'JPEG', width: info.width, height: info.height, channels }
}

/** Decoded no larger than needed: libjpeg leaves out what would be averaged away. */
async function decodedTo(bytes: Uint8Array, name: string, side: number): Promise<Image> {
  const size = pictureSize(bytes)
  if (!size) return decodeImage(bytes, 3, name)
  const shorter = Math.max(1, Math.min(size.width, size.height))
  const longer = Math.ceil((Math.max(size.width, size.height) / shorter) * side)
  return decodeImage(bytes, size.channels === 1 ? 1 : 3, name, longer)
}

async function png(image: Image): Promise<Picture> {
  const { width, height, channels } = image
  return { image: await raw(image).png().toBuffer(), format: 'PNG', width, height, channels }
}

/** sharp takes no shared memory: the pixels are copied. */
function raw({ data, width, height, channels }: Image): ReturnType<typeof sharp> {
  const picture = sharp(Uint8Array.from(data), { raw: { width, height, channels } })
  return channels === 1 ? picture.toColourspace('b-w') : picture
}

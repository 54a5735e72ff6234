/**
 * Decoding of image files to 8-bit images.
 *
 * Only JPEG, PNG, WebP and GIF are decoded: the other loaders of libvips are shut off for the process, as the files are not
 * trusted. What libjpeg gives is kept as it is, so that a network sees the values it would see under Pillow.
 */
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads'
import sharp from 'sharp'
import { pictureSize, sniff } from '../datasets/shared/pictureHeader.ts'
import { AppError } from '../errors/index.ts'
import type { Image } from '../transforms/shared/transform.ts'
import { describeDamage } from './damage.ts'

/** Pixels of the largest image that is decoded. */
export const largestPixels = 100_000_000
/** Seconds after which a decode is given up. */
const timeoutSeconds = 60

/** Set for threads started from here on: what follows holds for the whole process. */
const limitedKey = 'multigrain: decoders are limited'
// Done once: a thread that shut all loaders again, to open four of them, would fail what another decodes meanwhile.
if (getEnvironmentData(limitedKey) !== true) {
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({
    operation: [
      'VipsForeignLoadJpegBuffer',
      'VipsForeignLoadPngBuffer',
      'VipsForeignLoadWebpBuffer',
      'VipsForeignLoadNsgifBuffer',
    ],
  })
  sharp.cache(false)
  sharp.concurrency(1)
  setEnvironmentData(limitedKey, true)
}

/**
 * Decodes the first frame of a image: turned upright as its EXIF says, CMYK as sRGB, 16 bits as 8, transparency on
 * white. Colour profiles of RGB and grey images are ignored, as Pillow and torchvision ignore them.
 * @param bytes the file
 * @param channels 1: luminance (ITU-R 601, as Pillow's 'L'); 3: RGB
 * @param name names the file in the error
 * @param fit reduce the image to fit a square of this side, in pixels; without it, the whole image
 * @throws AppError data-invalid naming the file when it is damaged, cut short, too large or no image.
 */
export async function decodeImage(
  bytes: Uint8Array,
  channels: 1 | 3,
  name: string,
  fit?: number,
): Promise<Image> {
  try {
    const { stored, isCmyk, hasAlpha } = await kindOf(bytes)
    const image = sharp(bytes, {
      limitInputPixels: largestPixels,
      failOn: 'truncated',
      autoOrient: true,
      ignoreIcc: !isCmyk,
      pages: 1,
    }).timeout({ seconds: timeoutSeconds })
    if (hasAlpha) image.flatten({ background: '#ffffff' })
    if (fit) image.resize(fit, fit, { fit: 'inside', withoutEnlargement: true })
    const { data, info } = await image
      .toColourspace(stored < 3 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    // A plain Uint8Array, as everywhere: loops that meet both kinds run at half the speed.
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.length)
    return withChannels(pixels, info.width, info.height, info.channels, channels)
  } catch (thrown) {
    const problem = describeDamage(bytes, largestPixels)
    throw new AppError('data-invalid', `${name}: ${problem}`, { file: name, problem }, thrown)
  }
}

interface Kind {
  /** Channels in the file, transparency included. */
  readonly stored: number
  readonly isCmyk: boolean
  readonly hasAlpha: boolean
}

/** JPEG, which is nearly everything, shows its components without a trip through sharp. */
async function kindOf(bytes: Uint8Array): Promise<Kind> {
  const found = sniff(bytes)
  const size = found.kind === 'image' && found.format === 'JPEG' ? pictureSize(bytes) : null
  if (size) return { stored: size.channels, isCmyk: size.channels === 4, hasAlpha: false }
  const header = await sharp(bytes, { limitInputPixels: largestPixels }).metadata()
  return { stored: header.channels, isCmyk: header.space === 'cmyk', hasAlpha: header.hasAlpha }
}

/**
 * The channels that the network takes.
 * @param data uint8 [height, width, given]
 */
export function withChannels(
  data: Uint8Array,
  width: number,
  height: number,
  given: number,
  channels: 1 | 3,
): Image {
  if (given === channels) return { data, width, height, channels }
  const pixels = width * height
  if (given < 3) return { data: replicated(data, given, pixels, channels), width, height, channels }
  const out = new Uint8Array(pixels * channels)
  for (let from = 0, at = 0; at < out.length; from += given) {
    const red = data[from] as number
    const green = data[from + 1] as number
    const blue = data[from + 2] as number
    if (channels === 1) out[at++] = (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16
    else {
      out[at++] = red
      out[at++] = green
      out[at++] = blue
    }
  }
  return { data: out, width, height, channels }
}

function replicated(data: Uint8Array, given: number, pixels: number, channels: 1 | 3): Uint8Array {
  const out = new Uint8Array(pixels * channels)
  for (let pixel = 0; pixel < pixels; pixel++) {
    const grey = data[pixel * given] as number
    for (let c = 0; c < channels; c++) out[pixel * channels + c] = grey
  }
  return out
}

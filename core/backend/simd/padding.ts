/** Copies of images with a border of zeros, so that inner loops meet no edges. */
import type { ConvolutionInfo } from '../kernels/shared/convolution.ts'
import type { SimdModule } from './module.ts'

export interface Border {
  readonly top: number
  readonly bottom: number
  readonly left: number
  readonly right: number
}

/** A batch of images in memory [images, height, width, channels]. */
export interface Images {
  readonly address: number
  readonly images: number
  readonly height: number
  readonly width: number
  readonly channels: number
}

/** The zeros around the input of a convolution. */
export function borderOf({ padInfo }: ConvolutionInfo): Border {
  return { top: padInfo.top, bottom: padInfo.bottom, left: padInfo.left, right: padInfo.right }
}

export function needsBorder({ top, bottom, left, right }: Border): boolean {
  return top > 0 || bottom > 0 || left > 0 || right > 0
}

/** Bytes of a padded copy. */
export function paddedBytes({ images, height, width, channels }: Images, border: Border): number {
  return 4 * images * (height + border.top + border.bottom) * (width + border.left + border.right) * channels
}

/** Writes a padded copy to `target`; the images themselves when there is no border. */
export function padImages(simd: SimdModule, source: Images, border: Border, target: number): Images {
  if (!needsBorder(border)) return source
  const { images, channels } = source
  const height = source.height + border.top + border.bottom
  const width = source.width + border.left + border.right
  const [lineBytes, paddedLineBytes] = [4 * source.width * channels, 4 * width * channels]
  simd.zero(target, paddedBytes(source, border))
  for (let image = 0; image < images; image++) {
    const from = source.address + image * source.height * lineBytes
    const to = target + (image * height + border.top) * paddedLineBytes + 4 * border.left * channels
    simd.call('copyLines', from, to, source.height, lineBytes, lineBytes, paddedLineBytes)
  }
  return { address: target, images, height, width, channels }
}

/** Copies of images with a border of zeros, so that inner loops meet no edges. */
import type { ConvolutionInfo } from '../kernels/shared/convolution.ts'
import type { SimdModule } from './module.ts'

/** Rows and columns of zeros around an image. */
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

/** Whether there is any border at all. */
export function needsBorder({ top, bottom, left, right }: Border): boolean {
  return top > 0 || bottom > 0 || left > 0 || right > 0
}

/** A batch whose images get their border when they are needed, so many at a time, in working memory. */
export interface PaddedImages {
  readonly height: number
  readonly width: number
  readonly imageBytes: number
  readonly lineBytes: number
  /** Most images of one `load`. */
  readonly blockImages: number
  /** Whether images are copied for their border, a block at a time; else all lie where they were. */
  readonly isCopy: boolean
  /** Address of so many images, from the given one on; valid until the next call. */
  load(image: number, count: number): number
}

/** Bytes of a block of images that fits the second-level cache beside the filter. */
const blockBytes = 1 << 18

/**
 * How a batch is padded, before there is memory for it.
 *
 * @param leastImages so many images at a time even if they do not fit the cache.
 */
export function paddingPlan(
  { images, height, width, channels }: Images,
  border: Border,
  leastImages = 1,
): Omit<PaddedImages, 'load'> & { readonly scratchBytes: number } {
  const padded = { height: height + border.top + border.bottom, width: width + border.left + border.right }
  const lineBytes = 4 * padded.width * channels
  const imageBytes = padded.height * lineBytes
  const fitting = Math.floor(blockBytes / Math.max(1, imageBytes))
  const blockImages = Math.max(1, Math.min(images, Math.max(leastImages, fitting)))
  return {
    ...padded,
    imageBytes,
    lineBytes,
    blockImages,
    isCopy: needsBorder(border),
    scratchBytes: needsBorder(border) ? blockImages * imageBytes : 0,
  }
}

/** @param target working memory of the plan's `scratchBytes`. */
export function padImages(
  simd: SimdModule,
  source: Images,
  border: Border,
  target: number,
  leastImages = 1,
): PaddedImages {
  const plan = paddingPlan(source, border, leastImages)
  if (!needsBorder(border)) return { ...plan, load: image => source.address + image * plan.imageBytes }
  simd.zero(target, plan.scratchBytes)
  const sourceLineBytes = 4 * source.width * source.channels
  const origin = target + border.top * plan.lineBytes + 4 * border.left * source.channels
  const load = (image: number, count: number): number => {
    for (let each = 0; each < count; each++) {
      const from = source.address + (image + each) * source.height * sourceLineBytes
      const to = origin + each * plan.imageBytes
      simd.call('copyLines', from, to, source.height, sourceLineBytes, sourceLineBytes, plan.lineBytes)
    }
    return target
  }
  return { ...plan, load }
}

/** From the bytes of a JPEG to the network's input in one go: decoding and the first geometric steps, in the addon. */
import { wholeImage, type Geometry } from '../../transforms/shared/geometry.ts'
import type { Image, Random, Transform, TransformContext } from '../../transforms/shared/transform.ts'
import { largestPixels } from '../decode.ts'
import { planFields, type JpegBinding } from './binding.ts'
import { jpegHeader, type JpegHeader } from './header.ts'

/** What became of a file. */
export interface MadeJpeg {
  readonly image: Image
  /** Steps that are done; the others are still to be applied. */
  readonly done: number
}

/** The longest side that the addon makes; JPEG has no longer ones. */
const longestSide = 65535

/**
 * @param target where the network's input goes: `image.data` is this memory where the result has its size
 * @param random drawn from as the steps that are done would; of no use any more when null is returned
 * @returns null for a file that is no usual JPEG or is damaged: sharp must decode or judge it
 */
export function makeJpeg(
  binding: JpegBinding,
  bytes: Uint8Array,
  channels: 1 | 3,
  steps: readonly Transform[],
  random: Random,
  context: TransformContext,
  target: Uint8Array,
): MadeJpeg | null {
  const header = jpegHeader(bytes)
  if (!header || header.width * header.height > largestPixels) return null
  const { geometry, done } = amount(upright(header), steps, random, context)
  if (Math.max(geometry.width, geometry.height) > longestSide) return null
  const { width, height } = geometry.window
  const isLast = done === steps.length && width === context.width && height === context.height
  const data = isLast ? target : new Uint8Array(width * height * channels)
  if (!binding.make(bytes, planOf(header, geometry, channels), data)) return null
  return { image: { data, width, height, channels }, done }
}

/** As many of the steps, from the first on, as can be told as one geometry. */
function amount(
  size: Pick<Image, 'width' | 'height'>,
  steps: readonly Transform[],
  random: Random,
  context: TransformContext,
): { geometry: Geometry; done: number } {
  let geometry = wholeImage(size)
  let done = 0
  for (; done < steps.length; done++) {
    const next = (steps[done] as Transform).geometry?.(geometry, random, context)
    if (!next) break
    geometry = next
  }
  return { geometry, done }
}

function upright({ width, height, orientation }: JpegHeader): Pick<Image, 'width' | 'height'> {
  return orientation >= 5 ? { width: height, height: width } : { width, height }
}

/** The numbers for the addon. */
export function planOf(header: JpegHeader, geometry: Geometry, channels: 1 | 3): Int32Array {
  const { box, window, isMirrored, mayScale } = geometry
  const fields: Record<(typeof planFields)[number], number> = {
    storedWidth: header.width,
    storedHeight: header.height,
    orientation: header.orientation,
    boxX: box.x,
    boxY: box.y,
    boxWidth: box.width,
    boxHeight: box.height,
    width: geometry.width,
    height: geometry.height,
    windowX: window.x,
    windowY: window.y,
    windowWidth: window.width,
    windowHeight: window.height,
    mirrored: Number(isMirrored),
    channels,
    mayScale: Number(mayScale),
  }
  return Int32Array.from(planFields, name => fields[name])
}

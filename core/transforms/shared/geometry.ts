/**
 * What a chain of geometric steps amounts to: one part of the image, resized once, cut once and perhaps mirrored. A decoder
 * that knows it in advance need not decode the rest.
 */
import type { Box } from './resample.ts'
import type { Image } from './transform.ts'

export interface Geometry {
  /** Part of the image, in its pixels; lies inside. */
  readonly box: Box
  /** Size to which the part is resized with the triangle filter. */
  readonly width: number
  readonly height: number
  /** What is kept of the resized part; lies inside. */
  readonly window: Box
  /** Whether what is kept is mirrored left to right in the end. */
  readonly isMirrored: boolean
  /** Whether the image may be decoded at a half, a quarter or an eighth where the part stays at least twice as large as its result. */
  readonly mayScale: boolean
}

/** The image as it is. */
export function wholeImage({ width, height }: Pick<Image, 'width' | 'height'>): Geometry {
  const all = { x: 0, y: 0, width, height }
  return { box: all, width, height, window: all, isMirrored: false, mayScale: false }
}

/**
 * The part that is seen so far, as long as it is neither resized nor mirrored: what the next step would cut from or resize.
 * @returns null once it is
 */
export function plainPart({ box, width, height, window, isMirrored }: Geometry): Box | null {
  if (isMirrored || box.width !== width || box.height !== height) return null
  return { x: box.x + window.x, y: box.y + window.y, width: window.width, height: window.height }
}

/**
 * A part of what is seen so far, resized.
 * @param seen what `plainPart` gave
 * @param part of it, in its own pixels
 */
export function resizedPart(
  seen: Box,
  part: Box,
  { width, height }: Pick<Image, 'width' | 'height'>,
  mayScale: boolean,
): Geometry {
  const box = { x: seen.x + part.x, y: seen.y + part.y, width: part.width, height: part.height }
  return { box, width, height, window: { x: 0, y: 0, width, height }, isMirrored: false, mayScale }
}

import type { Geometry } from './geometry.ts'

/** An 8-bit image, rows from the top, channels interleaved: data[(y·width + x)·channels + c]. */
export interface Image {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3
}

/** Uniform numbers from [0, 1): a stream that is a pure function of (seed, epoch, index, copy). */
export type Random = () => number

/** What the loader asks of the last geometric step. */
export interface TransformContext {
  /** Size the network takes, in pixels. */
  readonly height: number
  readonly width: number
}

/**
 * One step from a decoded image to the network's input. It draws the same number of random values whatever the image, or at least a
 * number that depends on nothing but the image and the stream.
 */
export interface Transform {
  /** Geometric steps may change the size; the last one must give the context's. */
  apply(image: Image, random: Random, context: TransformContext): Image | Promise<Image>
  /**
   * The same step as numbers instead of pixels, for steps that only cut, resize or mirror. Draws what `apply` would draw.
   * @param before what the steps before amount to
   * @returns null, with nothing drawn, where step and what was before cannot be told as one geometry
   */
  geometry?(before: Geometry, random: Random, context: TransformContext): Geometry | null
}

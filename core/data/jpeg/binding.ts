/** All that the addon exposes (core/data/native/addon.cc). */
export interface JpegBinding {
  /** The JPEG library and its version: what decides the pixels. */
  readonly library: string
  /** Kinds of vector code that this processor can run, fastest first; all give the same bits. */
  readonly resamplers: readonly string[]
  /**
   * Decodes, turns, cuts, resizes and mirrors one picture.
   * @param bytes the file
   * @param plan numbers in the order of `planFields`
   * @param target uint8 [windowHeight, windowWidth, channels], may lie in shared memory
   * @param resampler place in `resamplers`, for tests
   * @returns false for a file that is damaged or unusual: the target may then hold anything, and another decoder should judge
   * @throws Error for a plan that cannot be done
   */
  make(bytes: Uint8Array, plan: Int32Array, target: Uint8Array, resampler?: number): boolean
  /** CRC-32C by the processor's own instruction, for TFRecord files; not there where it has none. */
  crc32c?(bytes: Uint8Array): number
}

/** The numbers of a plan, in order: `struct Plan` of core/data/native/plan.h. */
export const planFields = [
  'storedWidth',
  'storedHeight',
  'orientation',
  'boxX',
  'boxY',
  'boxWidth',
  'boxHeight',
  'width',
  'height',
  'windowX',
  'windowY',
  'windowWidth',
  'windowHeight',
  'mirrored',
  'channels',
  'mayScale',
] as const

/** Data for training: opening data sets, decoding, and batches in a fixed order. */
export { decodeImage, largestPixels } from './decode.ts'
export { detectReader } from './detectReader.ts'
export { openLoader } from './loader.ts'
export { openDataset } from './openDataset.ts'
export { permutation, randomStream, stratifiedChoice } from './random.ts'
export { prepareSample } from './sample.ts'
export { imagePng, makeThumbnail, type Picture } from './thumbnail.ts'
export type { Batch, Loader, LoaderOptions } from './types.ts'

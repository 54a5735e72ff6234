/** Data for training: opening data sets, decoding, and batches in a fixed order. */
export { drawAugmented } from './augmented.ts'
export { decodeImage, largestPixels } from './decode.ts'
export { detectReader } from './detectReader.ts'
export { findDuplicates } from './duplicates/findDuplicates.ts'
export type { DuplicateOptions, DuplicateReport, TwinPair } from './duplicates/types.ts'
export { readFacts, writeFacts, type BrokenImage, type ImageFacts } from './facts/factsFile.ts'
export { sizeStatistics, type SizeStatistics } from './facts/imageStatistics.ts'
export { measureImages } from './facts/measureImages.ts'
export { selectImages, type ImageFilter } from './facts/selectImages.ts'
export { datasetIdentity } from './identity.ts'
export { openLoader } from './loader.ts'
export { placesOf, relabelled, type Relabel, type Relabels } from './relabelled.ts'
export { openDataset, readShared } from './openDataset.ts'
export { planOrder } from './order.ts'
export type { Order } from './order.ts'
export { packDataset } from './pack/pack.ts'
export type { PackOptions, PackReport } from './pack/types.ts'
export { heldOutCount, permutation, randomStream, stratifiedChoice } from './random.ts'
export { prepareSample } from './sample.ts'
export { decodedPng, imagePng, makeThumbnail, type Picture } from './thumbnail.ts'
export { writeWhole } from './writeWhole.ts'
export type {
  Batch,
  DatasetIdentity,
  DecoderInfo,
  DecoderName,
  Loader,
  LoaderOptions,
  Part,
} from './types.ts'

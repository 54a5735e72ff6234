/** What happens to whole batches of training images on the device: mixing with others, then erasing of parts. */
import type { Tensor4D } from '@tensorflow/tfjs-core'
import type { MixingConfig } from '../experiment/index.ts'
import { randomStream } from '../graph/index.ts'
import { eraseParts } from './eraseParts.ts'
import { chooseMix, mixImages } from './mixImages.ts'

/** Of which step; the result depends on nothing else but the images and the settings. */
export interface AugmentationMoment {
  readonly seed: number
  readonly step: number
  /** Whole or in parts, from 0. */
  readonly epoch: number
  /** Each rank draws for its part of the batch by itself. Default 0. */
  readonly rank?: number
}

export interface AugmentedBatch {
  /** [B,H,W,C]: new tensors, or the very ones that were given where nothing is to be done. */
  readonly images: Tensor4D
  /**
   * Where images are mixed: image i shows itself with `share`, and image `permutation[i]` of the batch, [B], with the rest. Null where
   * they are not.
   */
  readonly mixed: { readonly permutation: Int32Array; readonly share: number } | null
}

/**
 * Augments a normalised batch; the images given are left to the caller. Mixing ends at the epoch asked, erasing does not.
 * @param images [B,H,W,C], in any storage
 */
export function augmentBatch(
  images: Tensor4D,
  settings: MixingConfig,
  { seed, step, epoch, rank = 0 }: AugmentationMoment,
): AugmentedBatch {
  const [count, height, width] = images.shape
  const isOver = settings.untilEpoch > 0 && epoch >= settings.untilEpoch
  const random = randomStream(seed, `mixing/${step}/${rank}`)
  // A single image has no other.
  const mix = isOver || count < 2 ? null : chooseMix(settings, [height, width], random)
  const blended = mix ? mixImages(images, mix) : images
  const { erasing } = settings
  const erased =
    erasing.probability > 0
      ? eraseParts(blended, erasing, randomStream(seed, `erasing/${step}/${rank}`))
      : blended
  if (erased !== blended && blended !== images) blended.dispose()
  const permutation = Int32Array.from({ length: count }, (_, at) => count - 1 - at)
  return { images: erased, mixed: mix && { permutation, share: mix.share } }
}

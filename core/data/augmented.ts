/** Samples as a run would see them: decoded, augmented and cut by the very code of training, as pictures to look at. */
import sharp from 'sharp'
import type { OpenDataset, SplitName } from '../datasets/shared/reader.ts'
import { AppError } from '../errors/index.ts'
import { itemPreparer, type Item, type ItemOptions } from './prepareItem.ts'
import type { Picture } from './thumbnail.ts'

/** Small inputs are enlarged by a whole factor without smoothing, up to about this side in pixels. */
const shownPixels = 128

/**
 * @param options as of a loader: with the same seed, the picture of an item is what that loader would give
 * @returns PNG of height × width pixels, or a whole multiple of it, in the order of the items
 * @throws AppError not-found; invalid-config for transforms that do not fit; data-invalid for an image that cannot be decoded
 */
export async function drawAugmented(
  dataset: OpenDataset,
  splitName: SplitName,
  options: ItemOptions,
  items: readonly Item[],
): Promise<Picture[]> {
  const split = dataset.splits[splitName]
  if (!split)
    throw new AppError('not-found', `This data set has no split '${splitName}'`, { split: splitName })
  const prepare = itemPreparer(options, split)
  const drawn: Picture[] = []
  for (const item of items) {
    if (item.index >= split.count) {
      const message = `Split '${splitName}' has images 0 to ${split.count - 1}, not ${item.index}`
      throw new AppError('not-found', message, { split: splitName, index: item.index })
    }
    const pixels = new Uint8Array(options.height * options.width * options.channels)
    const problem = await prepare(item, pixels)
    if (problem !== null) {
      const file = split.name(item.index)
      throw new AppError('data-invalid', `${file}: ${problem}`, { file, problem })
    }
    drawn.push(await png(pixels, options))
  }
  return drawn
}

async function png(pixels: Uint8Array, { width, height, channels }: ItemOptions): Promise<Picture> {
  const picture = sharp(pixels, { raw: { width, height, channels } })
  const factor = Math.floor(shownPixels / Math.max(width, height))
  if (factor > 1) picture.resize(width * factor, height * factor, { kernel: 'nearest', fit: 'fill' })
  return { type: 'image/png', bytes: await picture.png({ compressionLevel: 3 }).toBuffer() }
}

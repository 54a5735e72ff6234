/** Which sample comes when: a pure function of the options. */
import { AppError } from '../errors/index.ts'
import type { Split } from '../datasets/shared/reader.ts'
import { permutation, stratifiedChoice } from './random.ts'
import type { LoaderOptions } from './types.ts'

/** A batch before it is decoded. */
export interface PlannedBatch {
  readonly number: number
  readonly epoch: number
  /** Place of its first sample in the epoch's order. */
  readonly start: number
  /** 0 where the last batch of an epoch is too small for this part. */
  readonly count: number
}

/** The order of all batches. */
export interface Order {
  readonly sampleCount: number
  readonly batchesPerEpoch: number
  readonly batchCount: number
  batch(number: number): PlannedBatch
  /** Sample at a place of an epoch's order; places beyond the end begin again at the front. */
  sampleAt(epoch: number, place: number): number
}

/** @throws AppError invalid-config or data-invalid when not one batch can be made. */
export function planOrder(options: LoaderOptions, split: Split): Order {
  const members = chooseMembers(options, split)
  const sampleCount = members?.length ?? split.count
  const { batchSize, dropLast, epochs, part = { index: 0, count: 1 } } = options
  const wholeSize = batchSize * part.count
  const batchesPerEpoch = dropLast ? Math.floor(sampleCount / wholeSize) : Math.ceil(sampleCount / wholeSize)
  if (sampleCount === 0) throw noImages(options)
  if (batchesPerEpoch === 0) {
    const message = `training.batchSize: expected at most ${sampleCount}, the number of images, got ${wholeSize}`
    throw new AppError('invalid-config', message, { field: 'training.batchSize', value: wholeSize })
  }
  let epochKnown = -1
  let places: Int32Array | null = null
  return {
    sampleCount,
    batchesPerEpoch,
    batchCount: batchesPerEpoch * epochs,
    batch: number => {
      const start = (number % batchesPerEpoch) * wholeSize + part.index * batchSize
      return {
        number,
        epoch: Math.floor(number / batchesPerEpoch),
        start,
        count: Math.max(0, Math.min(batchSize, sampleCount - start)),
      }
    },
    sampleAt: (epoch, place) => {
      if (options.order === 'shuffled' && epoch !== epochKnown) {
        places = permutation(options.seed, epoch, sampleCount)
        epochKnown = epoch
      }
      const at = place % sampleCount
      const member = places ? (places[at] as number) : at
      return members ? (members[member] as number) : member
    },
  }
}

function chooseMembers({ heldOut }: LoaderOptions, split: Split): Int32Array | null {
  if (!heldOut) return null
  const { chosen, rest } = stratifiedChoice(split.labels, heldOut.fraction, heldOut.seed)
  return heldOut.use === 'held-out' ? chosen : rest
}

function noImages({ split, heldOut }: LoaderOptions): AppError {
  const message = heldOut
    ? `No images of '${split}' can be held out for validation: no class has two or more. Add a folder val/ or more images`
    : `Split '${split}' has no images. Add some and scan the data set again`
  return new AppError('data-invalid', message, { split })
}

/** Which sample comes when: a pure function of the options. */
import { AppError } from '../errors/index.ts'
import type { Split } from '../datasets/shared/reader.ts'
import { samplers } from '../samplers/index.ts'
import type { Draws, EpochPlan } from '../samplers/shared/sampler.ts'
import { orderStream, permutation, stratifiedChoice } from './random.ts'
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

/** A sample at its place in the order. */
export interface Drawn {
  readonly index: number
  /** How often it came before in this epoch. */
  readonly copy: number
}

/** The order of all batches. */
export interface Order {
  readonly sampleCount: number
  /** Samples drawn in an epoch, in whole batches or not. */
  readonly drawsPerEpoch: number
  /** No sample comes more often than this in an epoch. */
  readonly copies: number
  readonly batchesPerEpoch: number
  readonly batchCount: number
  batch(number: number): PlannedBatch
  /** What comes at a place of an epoch's order; places beyond the end begin again at the front. */
  drawnAt(epoch: number, place: number): Drawn
}

/** @throws AppError invalid-config or data-invalid when not one batch can be made. */
export function planOrder(options: LoaderOptions, split: Split): Order {
  const members = chooseMembers(options, split)
  const sampleCount = members?.length ?? split.count
  const { batchSize, dropLast, epochs, part = { index: 0, count: 1 } } = options
  const wholeSize = batchSize * part.count
  if (sampleCount === 0) throw noImages(options)
  const plan = planEpoch(options, members ? members.map(member => split.labels[member]!) : split.labels)
  const { draws, copies } = plan
  const batchesPerEpoch = dropLast ? Math.floor(draws / wholeSize) : Math.ceil(draws / wholeSize)
  if (batchesPerEpoch === 0) throw largeBatch(wholeSize, draws, sampleCount)
  let epochKnown = -1
  let drawn: Draws | null = null
  return {
    sampleCount,
    drawsPerEpoch: draws,
    copies,
    batchesPerEpoch,
    batchCount: batchesPerEpoch * epochs,
    batch: number => {
      const start = (number % batchesPerEpoch) * wholeSize + part.index * batchSize
      return {
        number,
        epoch: Math.floor(number / batchesPerEpoch),
        start,
        count: Math.max(0, Math.min(batchSize, draws - start)),
      }
    },
    drawnAt: (epoch, place) => {
      if (options.order !== 'sequential' && epoch !== epochKnown) {
        drawn = drawEpoch(plan, options.seed, epoch, sampleCount)
        epochKnown = epoch
      }
      const at = place % draws
      const member = drawn ? drawn.indices[at]! : at
      return { index: members ? members[member]! : member, copy: drawn?.copies?.[at] ?? 0 }
    },
  }
}

/** @param labels class of each sample that there is to draw */
function planEpoch({ order, batchSize, part }: LoaderOptions, labels: Int32Array): EpochPlan {
  const count = labels.length
  const ranks = part?.count ?? 1
  if (order !== 'sequential')
    return samplers.create(order, 'sampler').plan({ count, labels, batchSize: batchSize * ranks, ranks })
  const draw = () => ({ indices: Int32Array.from({ length: count }, (_, at) => at) })
  return { draws: count, copies: 1, draw }
}

function drawEpoch(plan: EpochPlan, seed: number, epoch: number, count: number): Draws {
  return plan.draw({
    permutation: round => permutation(seed, epoch, count, round),
    stream: () => orderStream(seed, epoch, count),
  })
}

function largeBatch(wholeSize: number, draws: number, sampleCount: number): AppError {
  const drawn =
    draws === sampleCount ? 'the number of images' : 'the number of images that the sampler draws in an epoch'
  const message = `training.batchSize: expected at most ${draws}, ${drawn}, got ${wholeSize}`
  return new AppError('invalid-config', message, { field: 'training.batchSize', value: wholeSize })
}

/** By the labels of the scan: what is held out stays held out when the user relabels an image. */
function chooseMembers({ heldOut }: LoaderOptions, split: Split): Int32Array | null {
  if (!heldOut) return null
  const { chosen, rest } = stratifiedChoice(
    split.scannedLabels ?? split.labels,
    heldOut.fraction,
    heldOut.seed,
  )
  return heldOut.use === 'held-out' ? chosen : rest
}

function noImages({ split, heldOut }: LoaderOptions): AppError {
  const message = heldOut
    ? `No images of '${split}' can be held out for validation: no class has two or more. Add a folder val/ or more images`
    : `Split '${split}' has no images. Add some and scan the data set again`
  return new AppError('data-invalid', message, { split })
}

/**
 * Batches in a fixed order, decoded ahead by threads. What is in a batch depends on the options alone: not on the
 * number of threads, nor on which batch was the first.
 */
import { AppError } from '../errors/index.ts'
import type { OpenDataset, Split } from '../datasets/shared/reader.ts'
import { BadImages, type BadImage } from './badImages.ts'
import { checkUnchanged, datasetIdentity } from './identity.ts'
import { decoderInfo } from './jpeg/decoder.ts'
import { openDataset, readShared } from './openDataset.ts'
import { planOrder, type Order, type PlannedBatch } from './order.ts'
import { itemPreparer } from './prepareItem.ts'
import { allocateRing, openSlots, type Slot } from './ring.ts'
import { inlineDecoder, threadDecoder, type Decoder } from './threads.ts'
import type { Batch, DecoderInfo, Loader, LoaderOptions } from './types.ts'

/** A batch that has been decoded, or is being so. */
interface Made {
  readonly plan: PlannedBatch
  readonly slot: Slot
  readonly count: number
  readonly bad: readonly BadImage[]
}

/** Tasks that a thread claims at once: bare pixels cost little more than the claim. */
const pixelChunk = 16
/** Memory for batches decoded ahead. */
const mostAheadBytes = 2 ** 30

/**
 * Opens a loader. `close` must be called in the end, also after an error.
 * @throws AppError not-found for a split that is not there; invalid-config; data-invalid when it is not the expected data set any
 * more; what `openDataset` throws.
 */
export async function openLoader(options: LoaderOptions): Promise<Loader> {
  const index = await readShared(options.dataset.indexPath)
  const dataset = await openDataset(options.dataset, { index, pixels: {} })
  try {
    if (options.expected) {
      checkUnchanged(options.dataset.path, options.expected, datasetIdentity(index, dataset.classes))
    }
    return await startLoader(options, dataset, index)
  } catch (thrown) {
    await dataset.close()
    throw thrown
  }
}

async function startLoader(
  given: LoaderOptions,
  dataset: OpenDataset,
  index: SharedArrayBuffer,
): Promise<Loader> {
  const info = decoderInfo(given.decoder)
  // Chosen here for all threads: none of them may choose another.
  const options = { ...given, decoder: info.name }
  const split = splitOf(dataset, options)
  const order = planOrder(options, split)
  const prepare = itemPreparer(options, split)
  const ahead = batchesAhead(options)
  const ring = allocateRing(options, ahead + 2)
  const pixels = dataset.share ? { [options.split]: await dataset.share(options.split) } : {}
  const decoder =
    options.threads === 0
      ? inlineDecoder(prepare, ring.imageBytes)
      : threadDecoder(options.threads, {
          options,
          shared: { index, pixels },
          ring,
          chunk: dataset.share ? pixelChunk : 1,
        })
  return new BatchLoader(
    options,
    dataset,
    split,
    order,
    openSlots(ring),
    decoder,
    ahead,
    dataset.share ? null : info,
  )
}

/** As many as asked, but no more memory than is sensible. */
function batchesAhead({ threads, prefetch, batchSize, height, width, channels }: LoaderOptions): number {
  const affordable = Math.floor(mostAheadBytes / (batchSize * height * width * channels))
  return threads === 0 ? 0 : Math.max(Math.min(prefetch, affordable), 1)
}

function splitOf(dataset: OpenDataset, { split, dataset: { path } }: LoaderOptions): Split {
  const found = dataset.splits[split]
  if (found) return found
  const known = Object.keys(dataset.splits)
  throw new AppError('not-found', `${path}: no split '${split}'. It has: ${known.join(', ')}`, {
    split,
    known,
  })
}

class BatchLoader implements Loader {
  readonly batchesPerEpoch: number
  readonly imagesPerEpoch: number
  readonly sampleCount: number
  readonly classes: readonly string[]
  readonly decoder: DecoderInfo | null
  readonly #options: LoaderOptions
  readonly #dataset: OpenDataset
  readonly #split: Split
  readonly #order: Order
  readonly #decoder: Decoder
  readonly #free: Slot[]
  readonly #ahead: number
  readonly #badImages: BadImages
  readonly #pending: Promise<Made>[] = []
  #nextBatch: number
  #failure: AppError | null = null

  constructor(
    options: LoaderOptions,
    dataset: OpenDataset,
    split: Split,
    order: Order,
    ...[slots, decoder, ahead, info]: [Slot[], Decoder, number, DecoderInfo | null]
  ) {
    this.batchesPerEpoch = order.batchesPerEpoch
    const wholeBatches = order.batchesPerEpoch * options.batchSize * (options.part?.count ?? 1)
    this.imagesPerEpoch = Math.min(wholeBatches, order.drawsPerEpoch)
    this.sampleCount = order.sampleCount
    this.classes = dataset.classes
    this.decoder = info
    this.#options = options
    this.#dataset = dataset
    this.#split = split
    this.#order = order
    this.#decoder = decoder
    this.#free = slots
    this.#ahead = ahead
    this.#badImages = new BadImages(order.sampleCount, options.maxBadFraction)
    this.#nextBatch = options.startBatch
    this.#fill(ahead)
  }

  async next(): Promise<Batch | null> {
    const bad: BadImage[] = []
    for (;;) {
      if (this.#failure) throw this.#failure
      this.#fill(Math.max(this.#ahead, 1))
      const first = this.#pending.shift()
      if (!first) return this.#end()
      const made = await first.catch((thrown: unknown) => this.#fail(AppError.from(thrown)))
      bad.push(...made.bad)
      const excess = this.#badImages.add(made.bad)
      if (excess) this.#fail(excess)
      if (made.count > 0) return this.#deliver(made, bad)
      this.#free.push(made.slot) // all images of an evaluation batch were bad
    }
  }

  async close(): Promise<void> {
    this.#failure ??= new AppError('cancelled', 'The loader was closed')
    await this.#decoder.close()
    await Promise.allSettled(this.#pending)
    await this.#dataset.close()
  }

  /** Starts batches until `wanted` are under way or no slot is free. */
  #fill(wanted: number): void {
    while (this.#pending.length < wanted && this.#nextBatch < this.#order.batchCount) {
      const slot = this.#free.pop()
      if (!slot) return
      const made = this.#make(this.#order.batch(this.#nextBatch++), slot)
      made.catch(() => {}) // reported by next()
      this.#pending.push(made)
    }
  }

  async #make(plan: PlannedBatch, slot: Slot): Promise<Made> {
    for (let place = 0; place < plan.count; place++) {
      const { index, copy } = this.#order.drawnAt(plan.epoch, plan.start + place)
      slot.indices[place] = index
      slot.copies[place] = copy
      slot.tasks[place] = place
    }
    const shifts = new Int32Array(plan.count)
    const bad: BadImage[] = []
    const limit = this.#badImages.limit
    let failed = await this.#decoder.run(slot, plan.count, plan.epoch)
    while (failed.length > 0) {
      for (const { place, problem } of failed)
        bad.push(this.#describe(slot.indices[place] as number, problem))
      const distinct = new Set(bad.map(({ index }) => index)).size
      if (distinct > limit) break
      if (this.#options.order === 'sequential')
        return this.#withoutBad(
          plan,
          slot,
          bad,
          failed.map(({ place }) => place),
        )
      failed.forEach(({ place }, task) => {
        shifts[place]!++
        this.#replace(plan, slot, place, shifts[place]!)
        slot.tasks[task] = place
      })
      failed = await this.#decoder.run(slot, failed.length, plan.epoch)
    }
    return { plan, slot, count: plan.count, bad }
  }

  /**
   * The sample that comes `shift` places later takes the place, augmented in its own way: neither as at its own place nor as at
   * another that it takes.
   */
  #replace(plan: PlannedBatch, slot: Slot, place: number, shift: number): void {
    const { index, copy } = this.#order.drawnAt(plan.epoch, plan.start + place + shift)
    slot.indices[place] = index
    slot.copies[place] = copy + shift * this.#order.copies
  }

  /** Moves the good images together. */
  #withoutBad(plan: PlannedBatch, slot: Slot, bad: readonly BadImage[], places: readonly number[]): Made {
    const isBad = new Set(places)
    const { height, width, channels } = this.#options
    const imageBytes = height * width * channels
    let count = 0
    for (let place = 0; place < plan.count; place++) {
      if (isBad.has(place)) continue
      slot.indices[count] = slot.indices[place] as number
      slot.images.copyWithin(count * imageBytes, place * imageBytes, (place + 1) * imageBytes)
      count++
    }
    return { plan, slot, count, bad }
  }

  #describe(index: number, problem: string): BadImage {
    return { index, name: this.#split.name(index), problem }
  }

  #deliver({ plan, slot, count }: Made, bad: readonly BadImage[]): Batch {
    const { height, width, channels } = this.#options
    const indices = slot.indices.slice(0, count)
    let isHeld = true
    return {
      number: plan.number,
      epoch: plan.epoch,
      images: slot.images.subarray(0, count * height * width * channels),
      labels: indices.map(index => this.#split.labels[index] as number),
      indices,
      count,
      bad,
      release: () => {
        if (!isHeld) return
        isHeld = false
        this.#free.push(slot)
        if (!this.#failure) this.#fill(this.#ahead)
      },
    }
  }

  #end(): null {
    if (this.#nextBatch >= this.#order.batchCount) return null
    throw new AppError(
      'internal',
      'Loader: every batch in memory is held; call release() on those before asking for more',
    )
  }

  #fail(error: AppError): never {
    this.#failure = error
    throw error
  }
}

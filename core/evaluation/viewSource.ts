/** Images as a network is to see them, batch by batch: from a loader where all have one size, or one picture after another. */
import { BadImages, type BadImage } from '../data/badImages.ts'
import { decodeImage, withChannels } from '../data/decode.ts'
import type { Loader, LoaderOptions } from '../data/index.ts'
import type { Split } from '../datasets/shared/reader.ts'
import { AppError } from '../errors/index.ts'
import { cut, type Box } from '../transforms/shared/resample.ts'
import type { Image } from '../transforms/shared/transform.ts'
import { nextBatch } from './nextBatch.ts'
import type { Viewer } from './view.ts'

/** Some images, each shown `views` times in a row. */
export interface ViewedBatch {
  /** Index of each image in its split, [count]. */
  readonly indices: Int32Array
  /** [count] */
  readonly labels: Int32Array
  readonly count: number
  readonly views: number
  readonly height: number
  readonly width: number
  /** uint8 [count · views, height, width, channels], valid until `release`. */
  readonly bytes: Uint8Array
  readonly bad: readonly BadImage[]
  release(): void
}

export interface ViewSource {
  readonly sampleCount: number
  readonly classes: readonly string[]
  /** Null after the last; 'given-up' when cancelled. A batch may hold bad images alone. */
  next(isCancelled: () => boolean): Promise<ViewedBatch | null | 'given-up'>
  close(): Promise<void>
}

/** The batches of a loader, one view each. */
export function loaderSource(
  loader: Loader,
  { height, width }: Pick<LoaderOptions, 'height' | 'width'>,
): ViewSource {
  return {
    sampleCount: loader.sampleCount,
    classes: loader.classes,
    async next(isCancelled) {
      const batch = await nextBatch(loader, isCancelled)
      if (batch === null || batch === 'given-up') return batch
      const { indices, labels, count, images: bytes, bad } = batch
      return { indices, labels, count, views: 1, height, width, bytes, bad, release: batch.release }
    },
    close: () => loader.close(),
  }
}

export interface PictureOrder {
  readonly split: Split
  readonly classes: readonly string[]
  /** Which images, in this order. */
  readonly indices: Int32Array
  readonly channels: 1 | 3
  readonly viewer: Viewer
  /** Images of one size that are computed at once, at most. */
  readonly batchSize: number
  /** Null: however many are bad, the others go on. */
  readonly maxBadFraction: number | null
  /** Part of an image that is looked at alone, in its pixels. */
  readonly boxOf?: ((index: number) => Box | null) | undefined
  close(): Promise<void>
}

/** Pictures decoded ahead; sharp has threads of its own. */
const ahead = 4

/** Pictures one after another, whatever their sizes; neighbours of one size share a batch. */
export function pictureSource(order: PictureOrder): ViewSource {
  const { indices, batchSize, split, channels } = order
  const badImages = order.maxBadFraction === null ? null : new BadImages(indices.length, order.maxBadFraction)
  const pending: Promise<Seen>[] = []
  let started = 0
  let held: Seen | null = null
  const take = async (): Promise<Seen | null> => {
    while (pending.length <= ahead && started < indices.length) {
      const seen = seePicture(order, indices[started++]!)
      seen.catch(() => {}) // reported when its turn comes
      pending.push(seen)
    }
    return (await pending.shift()) ?? null
  }
  return {
    sampleCount: indices.length,
    classes: order.classes,
    async next(isCancelled) {
      const good: Good[] = []
      const bad: BadImage[] = []
      while (good.length < batchSize) {
        if (isCancelled()) return 'given-up'
        const seen = held ?? (await take())
        held = null
        if (seen === null) break
        if ('problem' in seen) {
          bad.push(seen)
          const excess = badImages?.add([seen])
          if (excess) throw excess
        } else if (good.length > 0 && !isAlike(good[0]!, seen)) {
          held = seen
          break
        } else good.push(seen)
      }
      if (good.length === 0 && bad.length === 0) return null
      return batchOf(good, bad, split, channels)
    },
    close: async () => {
      await Promise.allSettled(pending)
      await order.close()
    },
  }
}

interface Good {
  readonly index: number
  readonly views: readonly Image[]
}
type Seen = Good | BadImage

async function seePicture({ split, channels, viewer, boxOf }: PictureOrder, index: number): Promise<Seen> {
  const name = split.name(index)
  try {
    const sample = await split.read(index)
    const image =
      sample.kind === 'encoded'
        ? await decodeImage(sample.bytes, channels, name)
        : ofPixels(sample.image, channels)
    const box = boxOf?.(index) ?? null
    return { index, views: await viewer(box ? cut(image, inside(box, image)) : image) }
  } catch (thrown) {
    if (!(thrown instanceof AppError) || !['data-invalid', 'data-unreadable'].includes(thrown.code))
      throw thrown
    const problem = typeof thrown.details['problem'] === 'string' ? thrown.details['problem'] : thrown.message
    return { index, name, problem }
  }
}

function ofPixels({ data, width, height, channels: given }: Image, channels: 1 | 3): Image {
  return withChannels(data, width, height, given, channels)
}

/** The part of a box that lies in the image, in whole pixels, one at least. */
function inside(box: Box, { width, height }: Image): Box {
  const x = Math.min(Math.max(Math.floor(box.x), 0), width - 1)
  const y = Math.min(Math.max(Math.floor(box.y), 0), height - 1)
  const right = Math.min(Math.max(Math.ceil(box.x + box.width), x + 1), width)
  const bottom = Math.min(Math.max(Math.ceil(box.y + box.height), y + 1), height)
  return { x, y, width: right - x, height: bottom - y }
}

function isAlike(one: Good, other: Good): boolean {
  const [a, b] = [one.views[0]!, other.views[0]!]
  return a.width === b.width && a.height === b.height
}

function batchOf(
  good: readonly Good[],
  bad: readonly BadImage[],
  split: Split,
  channels: number,
): ViewedBatch {
  const views = good[0]?.views.length ?? 1
  const { width = 1, height = 1 } = good[0]?.views[0] ?? {}
  const bytes = new Uint8Array(good.length * views * width * height * channels)
  good.flatMap(each => each.views).forEach(({ data }, at) => bytes.set(data, at * data.length))
  const indices = Int32Array.from(good, ({ index }) => index)
  const labels = indices.map(index => split.labels[index]!)
  return { indices, labels, count: good.length, views, height, width, bytes, bad, release: () => {} }
}

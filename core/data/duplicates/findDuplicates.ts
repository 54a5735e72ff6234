/** Finds images that are in a data set twice, as they are or nearly: a validation image that training has seen proves nothing. */
import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import type {
  DatasetRef,
  OpenDataset,
  Sample,
  ScanWatcher,
  Split,
  SplitName,
} from '../../datasets/shared/reader.ts'
import { AppError } from '../../errors/index.ts'
import type { Image } from '../../transforms/shared/transform.ts'
import { decodeImage, withChannels } from '../decode.ts'
import { openDataset } from '../openDataset.ts'
import { correlation, fingerprint, thumbSide } from './fingerprint.ts'
import { HashIndex } from './hashIndex.ts'
import type { DuplicateOptions, DuplicateReport, TwinImage, TwinPair } from './types.ts'

/** Pictures are decoded to about this side: more would be averaged away. */
const decodedSide = 64
/** Correlation from which two pictures with near hashes are taken for the same. */
const leastSimilarity = 0.95
/** Greys of a picture that differ less than this show nothing to compare. */
const leastContrast = 2
/** Twins of one image that are looked for: a thousand empty pages would make a million pairs. */
const mostTwins = 20
const mostListed = 2000
const thumbBytes = thumbSide * thumbSide

/** All images of the chosen splits, one after the other. */
interface Images {
  readonly parts: readonly { readonly name: SplitName; readonly split: Split; readonly from: number }[]
  readonly count: number
  readonly low: Int32Array
  readonly high: Int32Array
  /** First 8 bytes of SHA-1, as two halves. */
  readonly digestLow: Int32Array
  readonly digestHigh: Int32Array
  readonly thumbs: Uint8Array
  /** 0: cannot be decoded; 1: of one colour; 2: to be compared. */
  readonly states: Uint8Array
}

/** @throws AppError not-found, cancelled, and what opening the data set throws. */
export async function findDuplicates(
  ref: DatasetRef,
  options: DuplicateOptions,
  watcher: ScanWatcher,
): Promise<DuplicateReport> {
  const dataset = await openDataset(ref)
  try {
    const images = await readImages(dataset, options, watcher)
    return collect(images, options, watcher)
  } finally {
    await dataset.close()
  }
}

async function readImages(
  dataset: OpenDataset,
  options: DuplicateOptions,
  watcher: ScanWatcher,
): Promise<Images> {
  const parts = partsOf(dataset, options.splits)
  const count = parts.reduce((sum, { split }) => sum + split.count, 0)
  const numbers = (): Int32Array => new Int32Array(count)
  const thumbs = new Uint8Array(count * thumbBytes)
  const images = {
    ...{ parts, count, low: numbers(), high: numbers(), digestLow: numbers(), digestHigh: numbers(), thumbs },
    states: new Uint8Array(count),
  }
  let done = 0
  const work = async (place: number): Promise<void> => {
    const { split, from } = partAt(images, place)
    await readImage(images, split, place - from, place).catch((thrown: unknown) => {
      const { code } = AppError.from(thrown)
      if (code !== 'data-invalid' && code !== 'data-unreadable') throw thrown
    })
    if (++done % 32 !== 0) return
    watcher.throwIfCancelled()
    watcher.progress('Looking at images', done, count)
  }
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: availableParallelism() + 2 }, lane))
  return images
}

async function readImage(images: Images, split: Split, index: number, place: number): Promise<void> {
  const sample = await split.read(index)
  const digest = createHash('sha1')
    .update(sample.kind === 'encoded' ? sample.bytes : sample.image.data)
    .digest()
  const { low, high, thumb, contrast } = fingerprint(await greyOf(sample, split.name(index)))
  images.low[place] = low
  images.high[place] = high
  images.digestLow[place] = digest.readInt32LE(0)
  images.digestHigh[place] = digest.readInt32LE(4)
  images.thumbs.set(thumb, place * thumbBytes)
  images.states[place] = contrast < leastContrast ? 1 : 2
}

async function greyOf(sample: Sample, name: string): Promise<Image> {
  if (sample.kind === 'encoded') return decodeImage(sample.bytes, 1, name, decodedSide)
  const { data, width, height, channels } = sample.image
  return withChannels(data, width, height, channels, 1)
}

/** Compares all images with each other. */
function collect(images: Images, options: DuplicateOptions, watcher: ScanWatcher): DuplicateReport {
  const { count, states } = images
  const counts = new Map<
    string,
    { splits: [SplitName, SplitName]; exact: number; near: number; differentLabels: number }
  >()
  const pairs: TwinPair[] = []
  let pairCount = 0
  const take = (pair: TwinPair): void => {
    const splits: [SplitName, SplitName] = [pair.first.split, pair.second.split]
    const known = counts.get(splits.join()) ?? { splits, exact: 0, near: 0, differentLabels: 0 }
    counts.set(splits.join(), known)
    known[pair.isExact ? 'exact' : 'near']++
    if (pair.first.label !== pair.second.label) known.differentLabels++
    pairCount++
    // Those between splits matter most, and there may be too many of the others.
    const isWithin = pair.first.split === pair.second.split
    if (pairs.length < (isWithin ? mostListed / 2 : mostListed)) pairs.push(pair)
  }
  const index = new HashIndex(images.low, images.high, options.distance)
  for (let at = 0; at < count; at++) {
    if (at % 1000 === 0) {
      watcher.throwIfCancelled()
      watcher.progress('Comparing images', at, count)
    }
    if (states[at] === 0) continue
    let twins = 0
    index.near(at, (other, distance) => {
      const pair = pairOf(images, at, other, distance)
      if (pair && !(options.betweenOnly && pair.first.split === pair.second.split)) {
        take(pair)
        twins++
      }
      return twins < mostTwins
    })
  }
  watcher.progress('Comparing images', count, count)
  const rank = (pair: TwinPair): number =>
    (pair.first.split === pair.second.split ? 100 : 0) + (pair.isExact ? 0 : 1 + pair.distance)
  const skippedCount = states.reduce((sum, state) => sum + (state === 0 ? 1 : 0), 0)
  const sorted = pairs.sort((one, other) => rank(one) - rank(other))
  return { imageCount: count, skippedCount, counts: [...counts.values()], pairs: sorted, pairCount }
}

/** Null for two that only have near hashes. */
function pairOf(images: Images, at: number, other: number, distance: number): TwinPair | null {
  const { digestLow, digestHigh, states, thumbs } = images
  if (states[other] === 0) return null
  const isExact = digestLow[at] === digestLow[other] && digestHigh[at] === digestHigh[other]
  const thumb = (place: number): Uint8Array => thumbs.subarray(place * thumbBytes, (place + 1) * thumbBytes)
  const isPlain = states[at] === 1 || states[other] === 1
  const similarity = isExact ? 1 : isPlain ? 0 : correlation(thumb(at), thumb(other))
  if (similarity < leastSimilarity) return null
  return { first: twinOf(images, at), second: twinOf(images, other), isExact, distance, similarity }
}

function twinOf(images: Images, place: number): TwinImage {
  const { name, split, from } = partAt(images, place)
  const index = place - from
  return { split: name, index, label: split.labels[index] as number, name: split.name(index) }
}

function partAt({ parts }: Images, place: number): Images['parts'][number] {
  return parts.findLast(({ from }) => from <= place) as Images['parts'][number]
}

function partsOf(dataset: OpenDataset, wanted: readonly SplitName[] | undefined): Images['parts'] {
  const known = Object.keys(dataset.splits) as SplitName[]
  const missing = wanted?.find(name => !known.includes(name))
  if (missing !== undefined)
    throw new AppError(
      'not-found',
      `split: the data set has no split '${missing}'. It has: ${known.join(', ')}`,
      {
        field: 'split',
        value: missing,
        known,
      },
    )
  let from = 0
  return (wanted && wanted.length > 0 ? wanted : known).map(name => {
    const split = dataset.splits[name] as Split
    const part = { name, split, from }
    from += split.count
    return part
  })
}

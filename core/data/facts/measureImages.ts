/** Looks at every image of a data set: its size by its header, and on request whether it can be decoded to its end. */
import { pictureSize, sizeBytes } from '../../datasets/shared/pictureHeader.ts'
import type { OpenDataset, ScanWatcher, Split, SplitName } from '../../datasets/shared/reader.ts'
import { AppError } from '../../errors/index.ts'
import { decodeImage } from '../decode.ts'
import type { BrokenImage, ImageFacts, SplitFacts } from './factsFile.ts'

/** Files looked at side by side: slow disks answer several at once. */
const atOnce = 16
const progressEvery = 100
/** The size stands here in nearly every file; where it does not, more is read. */
const firstBytes = 16 * 1024
/** Pictures are decoded to about this side: every byte is read all the same. */
const decodedSide = 64
/** A damaged disk makes no list of a million files. */
const mostBroken = 5000

interface Measured {
  readonly width: number
  readonly height: number
  readonly bytes: number
  readonly problem: string | null
}

/** @throws AppError cancelled */
export async function measureImages(
  dataset: OpenDataset,
  { indexVersion, decodes }: { readonly indexVersion: string; readonly decodes: boolean },
  watcher: ScanWatcher,
): Promise<ImageFacts> {
  const named = Object.entries(dataset.splits) as [SplitName, Split][]
  const total = named.reduce((sum, [, split]) => sum + split.count, 0)
  const broken: BrokenImage[] = []
  const splits: SplitFacts[] = []
  let done = 0
  for (const [name, split] of named) {
    const facts = {
      name,
      widths: new Int32Array(split.count),
      heights: new Int32Array(split.count),
      sizes: new Int32Array(split.count),
    }
    let next = 0
    const work = async (): Promise<void> => {
      while (next < split.count) {
        const index = next++
        if (done++ % progressEvery === 0) {
          watcher.throwIfCancelled()
          watcher.progress(decodes ? 'Checking images' : 'Measuring images', done, total)
        }
        const { width, height, bytes, problem } = await measure(split, index, decodes)
        facts.widths[index] = width
        facts.heights[index] = height
        facts.sizes[index] = bytes
        if (problem !== null && broken.length < mostBroken)
          broken.push({ split: name, index, name: split.name(index), problem })
      }
    }
    await Promise.all(Array.from({ length: atOnce }, work))
    splits.push(facts)
  }
  broken.sort((one, other) => one.split.localeCompare(other.split) || one.index - other.index)
  return { indexVersion, isDecoded: decodes, broken, splits }
}

async function measure(split: Split, index: number, decodes: boolean): Promise<Measured> {
  try {
    if (split.head && !decodes) return await byHead(split, index, firstBytes)
    const sample = await split.read(index)
    if (sample.kind === 'pixels')
      return { width: sample.image.width, height: sample.image.height, bytes: 0, problem: null }
    const { bytes } = sample
    if (decodes) await decodeImage(bytes, 3, split.name(index), decodedSide)
    return measured(bytes, bytes.length)
  } catch (thrown) {
    return { width: 0, height: 0, bytes: 0, problem: AppError.from(thrown).message }
  }
}

async function byHead(split: Split, index: number, length: number): Promise<Measured> {
  const head = await split.head!(index, length)
  const found = measured(head.bytes, head.sizeBytes)
  return found.problem !== null && length < sizeBytes && head.sizeBytes > length
    ? byHead(split, index, sizeBytes)
    : found
}

function measured(head: Uint8Array, bytes: number): Measured {
  const size = pictureSize(head)
  const problem = bytes === 0 ? 'an empty file' : size ? null : 'its header does not say how large it is'
  return { width: size?.width ?? 0, height: size?.height ?? 0, bytes, problem }
}

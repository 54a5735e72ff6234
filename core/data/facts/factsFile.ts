/** What is known of every image of a data set beside its class: size in pixels and in bytes, and which cannot be used. */
import { readFile } from 'node:fs/promises'
import { packIndex, unpackIndex } from '../../datasets/shared/indexFile.ts'
import type { SplitName } from '../../datasets/shared/reader.ts'
import { writeWhole } from '../writeWhole.ts'

export interface SplitFacts {
  readonly name: SplitName
  /** Pixels as the header states them, before any turning, [count]; 0 where it does not. */
  readonly widths: Int32Array
  readonly heights: Int32Array
  /** Bytes of the files, [count]; 0 for formats that hold bare pixels. */
  readonly sizes: Int32Array
}

/** An image that cannot be used. */
export interface BrokenImage {
  readonly split: SplitName
  readonly index: number
  readonly name: string
  readonly problem: string
}

export interface ImageFacts {
  /** Of the index that the images were counted by; another scan makes the facts void. */
  readonly indexVersion: string
  /** Whether every image was decoded to its end, not only looked at. */
  readonly isDecoded: boolean
  readonly broken: readonly BrokenImage[]
  readonly splits: readonly SplitFacts[]
}

interface Header extends Omit<ImageFacts, 'splits'> {
  readonly splits: readonly SplitName[]
}

const format = 'image-facts'

export async function writeFacts(path: string, { splits, ...rest }: ImageFacts): Promise<void> {
  const header: Header = { ...rest, splits: splits.map(({ name }) => name) }
  const blocks = splits.flatMap(({ name, widths, heights, sizes }) => [
    [`${name} widths`, widths] as const,
    [`${name} heights`, heights] as const,
    [`${name} sizes`, sizes] as const,
  ])
  await writeWhole(path, packIndex(format, header, Object.fromEntries(blocks)))
}

/** @returns null where there are none, or where they are of another scan */
export async function readFacts(path: string, indexVersion: string): Promise<ImageFacts | null> {
  const bytes = await readFile(path).catch(() => null)
  if (!bytes) return null
  const { header, integers } = unpackIndex<Header>(format, bytes)
  if (header.indexVersion !== indexVersion) return null
  const splits = header.splits.map(name => ({
    name,
    widths: integers(`${name} widths`),
    heights: integers(`${name} heights`),
    sizes: integers(`${name} sizes`),
  }))
  return { ...header, splits }
}

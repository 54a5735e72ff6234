/** What the names of TFRecord files say: `train-00000-of-01024`, `flowers_validation_00001-of-00005.tfrecord`, `digits.tfrecord`. */
import type { SplitName } from '../reader.ts'

export interface ShardName {
  /** Name without number and ending: files that share it are one set. */
  readonly stem: string
  readonly split: SplitName
  /** Number of the file and how many there are; null where the name does not say. */
  readonly place: { readonly at: number; readonly of: number } | null
}

const numbered = /^(.+?)(?:\.tfrecords?)?[-_.]?(\d{1,6})-of-(\d{1,6})(?:\.tfrecords?)?$/i
const plain = /^(.*)\.tfrecords?$/i

const splitWords: readonly (readonly [SplitName, RegExp])[] = [
  ['val', /(^|[^a-z])(val|valid|validation|eval|dev)([^a-z]|$)/i],
  ['test', /(^|[^a-z])(test|testing)([^a-z]|$)/i],
  ['train', /(^|[^a-z])(train|training)([^a-z]|$)/i],
  ['query', /(^|[^a-z])(query|queries)([^a-z]|$)/i],
  ['gallery', /(^|[^a-z])(gallery)([^a-z]|$)/i],
]

/**
 * @param folder name of the folder that the file lies in; it may name the split
 * @returns null for a file that is none of these
 */
export function parseShardName(name: string, folder = ''): ShardName | null {
  const [, numberedStem, at, of] = numbered.exec(name) ?? []
  if (numberedStem !== undefined)
    return {
      stem: numberedStem,
      split: splitOf(numberedStem, folder),
      place: { at: Number(at), of: Number(of) },
    }
  const stem = plain.exec(name)?.[1]
  return stem === undefined ? null : { stem, split: splitOf(stem, folder), place: null }
}

/** The split that a word of the name means; train where there is none. */
export function splitOf(stem: string, folder: string): SplitName {
  for (const text of [stem, folder]) for (const [split, word] of splitWords) if (word.test(text)) return split
  return 'train'
}

/**
 * From the labels of records to classes counted from 0. slim's ImageNet counts its classes from 1 and keeps 0 for the background,
 * which has no images; its flowers, and most other sets, count from 0. What was made of it is always said.
 */
import { AppError } from '../../../errors/index.ts'
import { invalidFile } from '../invalidFile.ts'
import type { Problems } from '../problems.ts'
import type { SplitName } from '../reader.ts'

export type LabelOffset = 'auto' | '0' | '1'

/** The labels of a split, and what its records call their classes. */
export interface SplitLabels {
  readonly name: SplitName
  readonly labels: readonly number[]
}

export interface Classes {
  /** Label of class 0. */
  readonly offset: 0 | 1
  readonly names: readonly string[]
}

/** More classes than this are taken for damage. */
const mostClasses = 1_000_000
const background = /^(background|dummy|unused|nothing|__background__)$/i

/**
 * @param path of the data set
 * @param listed names of `labels.txt` by label; null without one
 * @param told what records call the class of a label
 * @throws AppError data-invalid
 */
export function decideClasses(
  path: string,
  splits: readonly SplitLabels[],
  listed: ReadonlyMap<number, string> | null,
  told: ReadonlyMap<number, { readonly text: string; readonly synset: string }>,
  wanted: LabelOffset,
  problems: Problems,
): Classes {
  const seen = new Set(splits.flatMap(split => [...new Set(split.labels)]))
  const usable = [...seen].filter(label => label >= 0 && label < mostClasses)
  if (usable.length === 0)
    throw invalidFile(path, `no label of its records is one: found ${range(seen)}`, 'Write the records again')
  refuseShiftedSplits(path, splits)
  const least = Math.min(...usable)
  const most = usable.reduce((one, other) => Math.max(one, other))
  const found =
    wanted === 'auto' ? detect(least, most, listed, told) : { offset: Number(wanted) as 0 | 1, reason: null }
  const { offset, reason } = found
  if (reason !== null) problems.add('', reason)
  // A list that fits neither way is told before a single picture is labelled by it.
  const shift = listed && isOneTooHigh(least, most, listed) ? 1 : 0
  if (shift === 1 && offset === 0) throw oneTooHigh(path, most, listed as ReadonlyMap<number, string>)
  const last = listed ? Math.max(...listed.keys()) + shift : most
  const names: string[] = []
  for (let label = offset; label <= last; label++) {
    const { synset = '', text = '' } = told.get(label) ?? {}
    names.push(listed?.get(label - shift) || synset || text || String(label))
  }
  return { offset, names: unique(names) }
}

/** Whether labels count from 1, and how that was seen. */
function detect(
  least: number,
  most: number,
  listed: ReadonlyMap<number, string> | null,
  told: ReadonlyMap<number, { readonly text: string; readonly synset: string }>,
): { offset: 0 | 1; reason: string | null } {
  const explain = (why: string): { offset: 1; reason: string } => ({
    offset: 1,
    reason: `labels run from ${least} to ${most}, and ${why}: label 1 became class 0. The option labelOffset decides otherwise`,
  })
  if (least === 0) return { offset: 0, reason: null }
  if (listed) {
    const first = listed.get(0)
    if (first === undefined) return explain('labels.txt begins with 1')
    if (background.test(first)) return explain(`labels.txt calls 0 '${first}'`)
    if (isOneTooHigh(least, most, listed))
      return explain(
        `labels.txt names 0 to ${Math.max(...listed.keys())}: they are one higher than it, as if 0 were a background without images`,
      )
    return { offset: 0, reason: null }
  }
  if ([...told.values()].some(({ synset }) => /^n\d{8}$/.test(synset)))
    return explain(
      'the records have synsets, as those of ImageNet, whose label 0 is a background without images',
    )
  if (least === 1) return explain('none is 0, as if it were a background without images')
  return {
    offset: 0,
    reason: `labels run from ${least} to ${most}: classes below ${least} have no images. The option labelOffset says whether class 0 is label 0 or 1`,
  }
}

/** Labels 1 to n where the list has 0 to n − 1. */
function isOneTooHigh(least: number, most: number, listed: ReadonlyMap<number, string>): boolean {
  return least >= 1 && listed.has(0) && most === Math.max(...listed.keys()) + 1 && listed.size === most
}

function oneTooHigh(path: string, most: number, listed: ReadonlyMap<number, string>): AppError {
  const message = `labels run up to ${most}, labels.txt names 0 to ${listed.size - 1}: they are one too high, as those of slim's ImageNet are, whose 0 is the background`
  return invalidFile(path, message, "Set the reader's option labelOffset to 1, or correct labels.txt")
}

/** Splits that were written by different rules: the classes of one are those of the other plus one. */
function refuseShiftedSplits(path: string, splits: readonly SplitLabels[]): void {
  const [train, ...others] = splits.map(({ name, labels }) => ({ name, labels: new Set(labels) }))
  for (const other of others) {
    if (!train || train.labels.size < 2 || train.labels.size !== other.labels.size) continue
    for (const shift of [-1, 1]) {
      if (train.labels.has(-shift) || ![...train.labels].every(label => other.labels.has(label + shift)))
        continue
      const message = `labels of ${other.name} run ${range(other.labels)}, those of ${train.name} ${range(train.labels)}: one of them is off by one`
      throw invalidFile(path, message, 'Write one of them again, with the label offset of the other')
    }
  }
}

/** Names that several classes share get their number, so that none is mistaken for another. */
function unique(names: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return names.map((name, at) => ((counts.get(name) as number) > 1 ? `${name} (${at})` : name))
}

function range(labels: ReadonlySet<number>): string {
  const sorted = [...labels].sort((one, other) => one - other)
  return sorted.length === 0 ? 'nothing' : `${sorted[0]} to ${sorted.at(-1)}`
}

/** `id:name` lines, as slim writes them. @throws AppError data-invalid naming the line */
export function parseLabelsFile(file: string, text: string): Map<number, string> {
  const names = new Map<number, string>()
  for (const [at, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '') continue
    const [, number, name] = /^\s*(\d{1,7})\s*:\s*(.*?)\s*$/.exec(line) ?? []
    if (number === undefined || !name)
      throw invalidFile(
        file,
        `line ${at + 1}: expected 'id:name', found '${line.slice(0, 80)}'`,
        'Correct the line',
      )
    if (names.has(Number(number)))
      throw invalidFile(file, `line ${at + 1}: label ${number} is there twice`, 'Correct the line')
    names.set(Number(number), name)
  }
  if (names.size === 0)
    throw invalidFile(file, "expected lines 'id:name', found none", 'Remove or correct it')
  return names
}

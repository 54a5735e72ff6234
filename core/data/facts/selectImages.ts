/** Chooses images of a split by class, name, size, tag and state, in an order. */
import type { Split } from '../../datasets/shared/reader.ts'
import type { SplitFacts } from './factsFile.ts'

export interface ImageFilter {
  /** Only this class, as relabelled; null takes all. */
  readonly label: number | null
  /** Words that must all be in the name of the file or of the class; case does not matter. Empty takes all. */
  readonly text: string
  /** Only images that have this tag; empty takes all. */
  readonly tag: string
  /** Bounds of the shorter side in pixels, both included; null: none. Images of unknown size are not between bounds. */
  readonly leastSide: number | null
  readonly mostSide: number | null
  readonly state: 'all' | 'relabelled' | 'tagged' | 'untagged' | 'broken'
  readonly order: 'index' | 'name' | 'smallest' | 'largest'
}

/** What the filter goes by beside the split itself. */
export interface Selectable {
  readonly split: Split
  readonly classes: readonly string[]
  /** Null while nobody measured the images. */
  readonly facts: Omit<SplitFacts, 'name'> | null
  readonly broken: ReadonlySet<number>
  readonly tags: ReadonlyMap<number, readonly string[]>
}

/** @returns indices of the images; null where the filter takes all of them as they lie */
export function selectImages(from: Selectable, filter: ImageFilter): Int32Array | null {
  const tests = testsOf(from, filter)
  if (tests.length === 0 && filter.order === 'index') return null
  const chosen: number[] = []
  for (let index = 0; index < from.split.count; index++) {
    if (tests.every(passes => passes(index))) chosen.push(index)
  }
  return Int32Array.from(ordered(from, filter.order, chosen))
}

type Test = (index: number) => boolean

/** The cheap ones first. */
function testsOf({ split, classes, facts, broken, tags }: Selectable, filter: ImageFilter): Test[] {
  const { label, leastSide, mostSide, state, tag } = filter
  const tests: Test[] = []
  if (label !== null) tests.push(index => split.labels[index] === label)
  if (leastSide !== null || mostSide !== null) {
    tests.push(index => {
      const side = facts ? Math.min(facts.widths[index]!, facts.heights[index]!) : 0
      return side > 0 && side >= (leastSide ?? 0) && side <= (mostSide ?? Infinity)
    })
  }
  if (state === 'relabelled') {
    const { scannedLabels } = split
    tests.push(index => scannedLabels !== undefined && scannedLabels[index] !== split.labels[index])
  }
  if (state === 'tagged') tests.push(index => tags.has(index))
  if (state === 'untagged') tests.push(index => !tags.has(index))
  if (state === 'broken') tests.push(index => broken.has(index))
  if (tag !== '') tests.push(index => tags.get(index)?.includes(tag) === true)
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length > 0) {
    const names = classes.map(name => name.toLowerCase())
    tests.push(index => {
      const className = names[split.labels[index] as number] ?? ''
      const name = split.name(index).toLowerCase()
      return words.every(word => name.includes(word) || className.includes(word))
    })
  }
  return tests
}

function ordered(
  { split, facts }: Selectable,
  order: ImageFilter['order'],
  indices: readonly number[],
): readonly number[] {
  if (order === 'index') return indices
  if (order === 'name') {
    const names = new Map(indices.map(index => [index, split.name(index)]))
    const compare = new Intl.Collator('en', { numeric: true }).compare
    return indices.toSorted((one, other) => compare(names.get(one)!, names.get(other)!))
  }
  if (!facts) return indices
  const area = (index: number): number => facts.widths[index]! * facts.heights[index]!
  const sign = order === 'smallest' ? 1 : -1
  return indices.toSorted((one, other) => sign * (area(one) - area(other)) || one - other)
}

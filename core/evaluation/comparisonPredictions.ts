/** Predictions of two or more checkpoints, image by image. */
import { cochranQ, holm, mcnemar, pairedDifference, type Interval } from './comparisonStatistics.ts'
import type { PredictionColumns } from './comparisonFile.ts'

/** Images that all checkpoints judged, each with its row in every one's predictions. */
export interface JoinedPredictions {
  readonly sides: readonly PredictionColumns[]
  readonly count: number
  /** Image in its split, ascending, [count]. */
  readonly index: Int32Array
  /** [count] */
  readonly label: Int32Array
  /** Row of each image in a side's columns, [sides][count]. */
  readonly rows: readonly Int32Array[]
  /** Bit s: side s is right, [count]. */
  readonly right: Uint32Array
  readonly mismatch: Mismatch | null
}

/** Why not every image is compared. */
export interface Mismatch {
  /** Images that each side judged. */
  readonly counts: readonly number[]
  /** Images of which the sides were told different classes: the data set was changed in between. */
  readonly relabelledCount: number
}

/** Most sides that are compared at once: one bit each. */
export const mostSides = 16

/** Images that are not judged by all, or are of different classes, are left out and counted. */
export function joinPredictions(sides: readonly PredictionColumns[]): JoinedPredictions {
  const [first, ...others] = sides
  const rowOf = others.map(side => new Map(Array.from(side.index, (index, row) => [index, row] as const)))
  const kept: number[][] = []
  let relabelledCount = 0
  const order = Array.from(first!.index.keys()).sort((a, b) => first!.index[a]! - first!.index[b]!)
  for (const row of order) {
    const rows = [row, ...rowOf.map(map => map.get(first!.index[row]!) ?? -1)]
    if (rows.includes(-1)) continue
    const isSame = rows.every((each, side) => sides[side]!.label[each] === first!.label[row])
    if (isSame) kept.push(rows)
    else relabelledCount++
  }
  const count = kept.length
  const rows = sides.map((_, side) => Int32Array.from(kept, each => each[side]!))
  const right = new Uint32Array(count)
  sides.forEach((side, s) => {
    rows[s]!.forEach((row, at) => {
      if (side.top[row * side.topCount] === side.label[row]) right[at]! |= 1 << s
    })
  })
  const isWhole = relabelledCount === 0 && sides.every(side => side.count === count)
  return {
    ...{ sides, count, rows, right },
    index: rows[0]!.map(row => first!.index[row]!),
    label: rows[0]!.map(row => first!.label[row]!),
    mismatch: isWhole ? null : { counts: sides.map(side => side.count), relabelledCount },
  }
}

/** How two sides did on the images that both judged. */
export interface PairFigures {
  readonly first: number
  readonly second: number
  /** Right in the second alone, and in the first alone. */
  readonly gained: number
  readonly lost: number
  readonly bothRight: number
  readonly bothWrong: number
  /** Images that are taken for different classes. */
  readonly disagree: number
  /** Difference of top-1, second less first. */
  readonly difference: Interval
  /** Exact McNemar. */
  readonly p: number
  /** By Holm over all pairs. */
  readonly adjusted: number
}

export interface ClassChange {
  readonly label: number
  readonly imageCount: number
  /** Images of it that each side is right on. */
  readonly right: readonly number[]
  readonly gained: number
  readonly lost: number
  /** Exact McNemar, and by Holm over the classes. */
  readonly p: number
  readonly adjusted: number
}

export interface PredictionsComparison {
  readonly imageCount: number
  readonly mismatch: Mismatch | null
  readonly sides: readonly { readonly top1: number; readonly top5: number; readonly loss: number | null }[]
  /** The pair that was asked for. */
  readonly pair: PairFigures
  /** Every pair, where there are more than two sides. */
  readonly pairs: readonly PairFigures[]
  /** Whether the sides differ at all, where there are more than two. */
  readonly cochran: { readonly q: number; readonly p: number } | null
  /** Images by how many sides are right on them, [sides + 1]. */
  readonly agreement: readonly number[]
  /** Of classes with images, by label; for the pair. */
  readonly classes: readonly ClassChange[]
}

export function comparePredictions(
  joined: JoinedPredictions,
  [first, second]: readonly [number, number],
): PredictionsComparison {
  const { sides, count, right, label } = joined
  const all = sides.map((_, side) => side)
  const pairs = all.flatMap(one => all.slice(one + 1).map(other => pairOf(joined, one, other)))
  const adjusted = holm(pairs.map(({ p }) => p))
  const every = pairs.map((pair, at) => ({ ...pair, adjusted: adjusted[at]! }))
  const agreement = Array.from({ length: sides.length + 1 }, () => 0)
  for (const bits of right) agreement[bitCount(bits)]!++
  const rightCounts = all.map(side => countIf(right, bits => isSet(bits, side)))
  const own = every.find(each => each.first === first && each.second === second)
  const pair = own ?? {
    ...pairOf(joined, first, second),
    adjusted: every.find(each => each.first === second && each.second === first)?.adjusted ?? 1,
  }
  return {
    ...{ imageCount: count, mismatch: joined.mismatch, pair, agreement },
    pairs: sides.length > 2 ? every : [],
    sides: all.map(side => ({
      top1: rightCounts[side]! / count,
      top5: shareOfTop(joined, side),
      loss: meanLoss(joined, side),
    })),
    cochran: sides.length > 2 ? cochranQ(rightCounts, agreement) : null,
    classes: classChanges(right, label, sides.length, first, second),
  }
}

function pairOf(joined: JoinedPredictions, first: number, second: number): PairFigures {
  const { right, count } = joined
  let [gained, lost, bothRight, bothWrong, disagree] = [0, 0, 0, 0, 0]
  for (let at = 0; at < count; at++) {
    const a = isSet(right[at]!, first)
    const b = isSet(right[at]!, second)
    if (a && b) bothRight++
    else if (a) lost++
    else if (b) gained++
    else bothWrong++
    if (firstClass(joined, first, at) !== firstClass(joined, second, at)) disagree++
  }
  const difference = pairedDifference(lost, gained, count)
  const p = mcnemar(lost, gained)
  return { first, second, gained, lost, bothRight, bothWrong, disagree, difference, p, adjusted: p }
}

function classChanges(
  right: Uint32Array,
  labels: Int32Array,
  sideCount: number,
  first: number,
  second: number,
): ClassChange[] {
  const classCount = labels.reduce((most, label) => Math.max(most, label + 1), 0)
  const counts = new Uint32Array(classCount)
  const rights = Array.from({ length: sideCount }, () => new Uint32Array(classCount))
  const gained = new Uint32Array(classCount)
  const lost = new Uint32Array(classCount)
  labels.forEach((label, at) => {
    const bits = right[at]!
    counts[label]!++
    rights.forEach((each, side) => (each[label]! += isSet(bits, side) ? 1 : 0))
    if (isSet(bits, first) && !isSet(bits, second)) lost[label]!++
    if (!isSet(bits, first) && isSet(bits, second)) gained[label]!++
  })
  const present = Array.from(counts.keys()).filter(label => counts[label]! > 0)
  const ps = present.map(label => mcnemar(lost[label]!, gained[label]!))
  const adjusted = holm(ps)
  return present.map((label, at) => ({
    ...{ label, imageCount: counts[label]!, gained: gained[label]!, lost: lost[label]! },
    right: rights.map(each => each[label]!),
    ...{ p: ps[at]!, adjusted: adjusted[at]! },
  }))
}

function shareOfTop({ sides, rows, count }: JoinedPredictions, side: number): number {
  const { top, topCount, label } = sides[side]!
  const hits = countIf(rows[side]!, row =>
    top.subarray(row * topCount, (row + 1) * topCount).includes(label[row]!),
  )
  return hits / count
}

/** Null where it is no number, as of a network that diverged. */
function meanLoss({ sides, rows, count }: JoinedPredictions, side: number): number | null {
  const { loss } = sides[side]!
  const mean = rows[side]!.reduce((sum, row) => sum + loss[row]!, 0) / count
  return Number.isFinite(mean) ? mean : null
}

/** The class that a side takes an image for. */
export function firstClass({ sides, rows }: JoinedPredictions, side: number, at: number): number {
  const { top, topCount } = sides[side]!
  return top[rows[side]![at]! * topCount]!
}

export function isSet(bits: number, side: number): boolean {
  return ((bits >>> side) & 1) === 1
}

function bitCount(bits: number): number {
  let found = 0
  for (let rest = bits; rest !== 0; rest &= rest - 1) found++
  return found
}

function countIf(values: Iterable<number>, holds: (value: number) => boolean): number {
  let found = 0
  for (const value of values) if (holds(value)) found++
  return found
}

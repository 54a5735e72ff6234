/** Which images of a comparison to look at, and in which order. */
import { firstClass, isSet, type JoinedPredictions } from './comparisonPredictions.ts'

/**
 * `gained`: the second of the pair alone is right; `lost`: the first alone; `disagree`: they take it for different classes; `all-right`
 * and `all-wrong` ask every side.
 */
export const imageGroups = [
  'all',
  'gained',
  'lost',
  'both-right',
  'both-wrong',
  'disagree',
  'all-right',
  'all-wrong',
] as const
export type ImageGroup = (typeof imageGroups)[number]

/** By how much the probability of the true class changed between the pair, by the loss of either, or as they lie in the data set. */
export const imageOrders = ['change', 'loss-first', 'loss-second', 'index'] as const
export type ImageOrder = (typeof imageOrders)[number]

export interface ImageChoice {
  /** Sides that are compared. */
  readonly pair: readonly [number, number]
  readonly group: ImageGroup
  /** True class; null for all. */
  readonly label: number | null
  /** Class that the second of the pair takes it for; null for all. */
  readonly predicted: number | null
  /** One image by its number in the split; null for all. */
  readonly index: number | null
  readonly order: ImageOrder
}

/** @returns places in the joined predictions. */
export function chooseImages(joined: JoinedPredictions, choice: ImageChoice): Int32Array {
  const { label, predicted, index, pair } = choice
  const belongs = membership(joined, choice)
  const places = Array.from({ length: joined.count }, (_, at) => at).filter(
    at =>
      (index === null || joined.index[at] === index) &&
      (label === null || joined.label[at] === label) &&
      (predicted === null || firstClass(joined, pair[1], at) === predicted) &&
      belongs(at),
  )
  const key = sortKey(joined, choice)
  if (key === null) return Int32Array.from(places)
  const keys = new Map(places.map(at => [at, key(at)] as const))
  return Int32Array.from(places.sort((one, other) => keys.get(other)! - keys.get(one)! || one - other))
}

function membership(
  joined: JoinedPredictions,
  { pair: [first, second], group }: ImageChoice,
): (at: number) => boolean {
  const { right, sides } = joined
  const every = 2 ** sides.length - 1
  const a = (at: number) => isSet(right[at]!, first)
  const b = (at: number) => isSet(right[at]!, second)
  switch (group) {
    case 'all':
      return () => true
    case 'gained':
      return at => !a(at) && b(at)
    case 'lost':
      return at => a(at) && !b(at)
    case 'both-right':
      return at => a(at) && b(at)
    case 'both-wrong':
      return at => !a(at) && !b(at)
    case 'disagree':
      return at => firstClass(joined, first, at) !== firstClass(joined, second, at)
    case 'all-right':
      return at => right[at] === every
    case 'all-wrong':
      return at => right[at] === 0
  }
}

/** Largest first; null for the order of the data set. */
function sortKey(
  { sides, rows }: JoinedPredictions,
  { pair: [first, second], order }: ImageChoice,
): ((at: number) => number) | null {
  const loss = (side: number, at: number) => sides[side]!.loss[rows[side]![at]!]!
  switch (order) {
    case 'index':
      return null
    case 'loss-first':
      return at => loss(first, at)
    case 'loss-second':
      return at => loss(second, at)
    case 'change':
      // The probability of the true class is what its loss is the logarithm of.
      return at => Math.abs(Math.exp(-loss(second, at)) - Math.exp(-loss(first, at)))
  }
}

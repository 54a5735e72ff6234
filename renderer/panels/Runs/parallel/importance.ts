/** Which settings went along with a metric. */

export interface Association {
  /** From -1 to 1 for numbers: a rank correlation. From 0 to 1 for words: the square root of the share of the spread they explain. */
  readonly strength: number
  readonly isRank: boolean
  /** Runs that have both values. */
  readonly count: number
}

/** Fewer runs than so many say nothing. */
const fewest = 4

/**
 * Spearman's rank correlation where values are numbers, the correlation ratio η where they are words; null where there are too few
 * runs, or where one of both does not vary.
 */
export function association(
  values: readonly (number | string | null)[],
  metric: readonly (number | string | null)[],
): Association | null {
  const pairs = values
    .map((value, index) => [value, metric[index]] as const)
    .filter(
      (pair): pair is readonly [number | string, number] => pair[0] !== null && typeof pair[1] === 'number',
    )
  if (pairs.length < fewest) return null
  const isRank = pairs.every(([value]) => typeof value === 'number')
  const figures = pairs.map(([, figure]) => figure)
  const strength = isRank
    ? pearson(ranks(pairs.map(([value]) => value as number)), ranks(figures))
    : correlationRatio(
        pairs.map(([value]) => String(value)),
        figures,
      )
  return strength === null ? null : { strength, isRank, count: pairs.length }
}

/** Ranks from 1; equal values share the mean of theirs. */
export function ranks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => values[a]! - values[b]!)
  const found = new Array<number>(values.length)
  for (let first = 0; first < order.length;) {
    let end = first + 1
    while (end < order.length && values[order[end]!] === values[order[first]!]) end++
    for (let at = first; at < end; at++) found[order[at]!] = (first + 1 + end) / 2
    first = end
  }
  return found
}

function pearson(a: readonly number[], b: readonly number[]): number | null {
  const [meanA, meanB] = [mean(a), mean(b)]
  let [ab, aa, bb] = [0, 0, 0]
  a.forEach((each, index) => {
    const [x, y] = [each - meanA, b[index]! - meanB]
    ab += x * y
    aa += x * x
    bb += y * y
  })
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : null
}

function correlationRatio(words: readonly string[], figures: readonly number[]): number | null {
  const all = mean(figures)
  const groups = new Map<string, number[]>()
  words.forEach((word, index) => {
    const members = groups.get(word)
    if (members) members.push(figures[index]!)
    else groups.set(word, [figures[index]!])
  })
  const whole = figures.reduce((sum, each) => sum + (each - all) ** 2, 0)
  if (groups.size < 2 || whole === 0) return null
  let between = 0
  for (const members of groups.values()) between += members.length * (mean(members) - all) ** 2
  return Math.sqrt(between / whole)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length
}

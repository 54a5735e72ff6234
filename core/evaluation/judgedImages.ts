/** Which images of an evaluation to look at, and in which order. */
import type { PredictionColumns } from './comparisonFile.ts'

/** `beyond-top5`: the true class is not among the five likeliest. */
export const judgedGroups = ['all', 'wrong', 'right', 'beyond-top5'] as const
/**
 * `loss`: the largest first; `confident`: the most probable first class first, so that among wrong images the most confident mistake
 * leads; `unsure`: the least probable first; `index`: as they lie in the data set.
 */
export const judgedOrders = ['loss', 'confident', 'unsure', 'index'] as const

export interface JudgedChoice {
  readonly group: (typeof judgedGroups)[number]
  /** True class; null for all. */
  readonly truth: number | null
  /** Class that an image is taken for; null for all. */
  readonly predicted: number | null
  readonly order: (typeof judgedOrders)[number]
}

/** @returns rows of the predictions. */
export function chooseJudged(columns: PredictionColumns, choice: JudgedChoice): number[] {
  const { count, label, top, topCount } = columns
  const belongs = membership(columns, choice.group)
  const rows: number[] = []
  for (let row = 0; row < count; row++) {
    if (choice.truth !== null && label[row] !== choice.truth) continue
    if (choice.predicted !== null && top[row * topCount] !== choice.predicted) continue
    if (belongs(row)) rows.push(row)
  }
  const key = sortKey(columns, choice.order)
  return key === null ? rows : rows.sort((a, b) => key(b) - key(a) || a - b)
}

function membership({ label, top, topCount }: PredictionColumns, group: JudgedChoice['group']) {
  const isRight = (row: number): boolean => top[row * topCount] === label[row]
  switch (group) {
    case 'all':
      return () => true
    case 'right':
      return isRight
    case 'wrong':
      return (row: number) => !isRight(row)
    case 'beyond-top5':
      return (row: number) => !top.subarray(row * topCount, (row + 1) * topCount).includes(label[row]!)
  }
}

/** Largest first; null for the order of the data set. */
function sortKey({ probability, topCount, loss }: PredictionColumns, order: JudgedChoice['order']) {
  switch (order) {
    case 'index':
      return null
    case 'loss':
      // A loss that is no number is the worst there is.
      return (row: number) => (Number.isNaN(loss[row]!) ? Infinity : loss[row]!)
    case 'confident':
      return (row: number) => probability[row * topCount]!
    case 'unsure':
      return (row: number) => -probability[row * topCount]!
  }
}

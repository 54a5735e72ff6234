/** A confusion matrix in an order of the reader's choice: which cell holds what, and where. */
import type { EvaluationStudy, StudiedClass } from '../../../core/contract/index.ts'

export type MatrixOrder = 'similar' | 'label' | 'name' | 'recall' | 'size'

export interface MatrixModel {
  /** Classes of the rows and columns from the first on. */
  readonly labels: Int32Array
  /** Row of a class, −1 where it is not shown. */
  readonly placeOf: Int32Array
  /** Row, column, and count of every cell that holds images. */
  readonly rows: Int32Array
  readonly columns: Int32Array
  readonly counts: Int32Array
  /** Images of the class of each row, [labels]. */
  readonly totals: Int32Array
  /** The largest count beside the diagonal. */
  readonly mostWrong: number
  /** Count of a cell. */
  at(row: number, column: number): number
}

export interface Confusion {
  readonly truth: number
  readonly predicted: number
  readonly count: number
  /** Of the images of the true class. */
  readonly share: number
}

/** @param shown classes that are shown; null for all. */
export function matrixModel(
  study: Pick<EvaluationStudy, 'classes' | 'cells' | 'order'>,
  order: MatrixOrder,
  shown: ReadonlySet<number> | null,
): MatrixModel {
  const labels = Int32Array.from(
    orderedLabels(study, order).filter(label => shown === null || shown.has(label)),
  )
  const placeOf = new Int32Array(study.classes.length).fill(-1)
  labels.forEach((label, place) => (placeOf[label] = place))
  const [rows, columns, counts]: [number[], number[], number[]] = [[], [], []]
  const held = new Map<number, number>()
  let mostWrong = 0
  for (let at = 0; at < study.cells.length; at += 3) {
    const [row, column] = [placeOf[study.cells[at]!]!, placeOf[study.cells[at + 1]!]!]
    const count = study.cells[at + 2]!
    if (row < 0 || column < 0) continue
    rows.push(row)
    columns.push(column)
    counts.push(count)
    held.set(row * labels.length + column, count)
    if (row !== column && count > mostWrong) mostWrong = count
  }
  return {
    ...{ labels, placeOf, mostWrong },
    ...{ rows: Int32Array.from(rows), columns: Int32Array.from(columns), counts: Int32Array.from(counts) },
    totals: labels.map(label => study.classes[label]!.imageCount),
    at: (row, column) => held.get(row * labels.length + column) ?? 0,
  }
}

function orderedLabels(
  { classes, order: similar }: Pick<EvaluationStudy, 'classes' | 'order'>,
  order: MatrixOrder,
): number[] {
  if (order === 'similar') return [...similar]
  const by = (compare: (a: StudiedClass, b: StudiedClass) => number): number[] =>
    [...classes].sort((a, b) => compare(a, b) || a.label - b.label).map(({ label }) => label)
  if (order === 'name') return by((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
  // A class without images has no recall: last.
  if (order === 'recall') return by((a, b) => (a.recall ?? 2) - (b.recall ?? 2))
  if (order === 'size') return by((a, b) => b.imageCount - a.imageCount)
  return by(() => 0)
}

/** Pairs that are taken for each other, the most frequent first. */
export function confusionsOf({ classes, cells }: Pick<EvaluationStudy, 'classes' | 'cells'>): Confusion[] {
  const found: Confusion[] = []
  for (let at = 0; at < cells.length; at += 3) {
    const [truth, predicted, count] = [cells[at]!, cells[at + 1]!, cells[at + 2]!]
    if (truth !== predicted)
      found.push({ truth, predicted, count, share: count / classes[truth]!.imageCount })
  }
  return found.sort((a, b) => b.count - a.count || b.share - a.share || a.truth - b.truth)
}

/** The classes of the pairs that are mistaken most often, so that each stands beside what it is taken for. */
export function worstLabels(confusions: readonly Confusion[], most: number): Set<number> {
  const worst = new Set<number>()
  for (const { truth, predicted } of confusions) {
    if (worst.size >= most) break
    worst.add(truth).add(predicted)
  }
  return worst
}

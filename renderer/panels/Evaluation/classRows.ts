/** Classes in the order of one of their figures. */
import type { StudiedClass } from '../../../core/contract/index.ts'

export const classColumns = [
  'name',
  'imageCount',
  'recall',
  'precision',
  'f1',
  'averagePrecision',
  'loss',
] as const
export type ClassColumn = (typeof classColumns)[number]

/** Those without the figure come last, whichever way. */
export function sortedClasses(
  classes: readonly StudiedClass[],
  column: ClassColumn,
  isDown: boolean,
): StudiedClass[] {
  const turn = isDown ? -1 : 1
  return [...classes].sort((a, b) => {
    if (column === 'name') return turn * a.name.localeCompare(b.name, undefined, { numeric: true })
    const [x, y] = [a[column], b[column]]
    if (x === null || y === null) return Number(x === null) - Number(y === null) || a.label - b.label
    return turn * (x - y) || a.label - b.label
  })
}

/** Classes of a comparison as rows, filtered and sorted. */
import type { PredictionsComparison } from '../../../core/contract/index.ts'

type ComparedClass = PredictionsComparison['classes'][number]

export interface ClassRow {
  readonly label: number
  readonly name: string
  readonly imageCount: number
  /** Shares of the class that the pair is right on; null where it has no images. */
  readonly first: number | null
  readonly second: number | null
  readonly change: number | null
  readonly gained: number
  readonly lost: number
  readonly adjusted: number
}

export const classColumns = [
  'name',
  'imageCount',
  'first',
  'second',
  'change',
  'gained',
  'lost',
  'adjusted',
] as const
export type ClassColumn = (typeof classColumns)[number]

export interface ClassOrder {
  readonly by: ClassColumn
  readonly isDescending: boolean
}

export function classRow(found: ComparedClass, first: number, second: number): ClassRow {
  const { label, name, imageCount, right, gained, lost, adjusted } = found
  const share = (side: number): number | null => (imageCount === 0 ? null : right[side]! / imageCount)
  const [one, other] = [share(first), share(second)]
  const change = one === null || other === null ? null : other - one
  return { label, name, imageCount, first: one, second: other, change, gained, lost, adjusted }
}

/** Every word must be in the name. Rows without a value come last either way. */
export function orderedClasses(rows: readonly ClassRow[], search: string, order: ClassOrder): ClassRow[] {
  const words = search.toLowerCase().split(/\s+/)
  const sign = order.isDescending ? -1 : 1
  const compare = (a: ClassRow, b: ClassRow): number => {
    const [x, y] = [a[order.by], b[order.by]]
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1
    if (typeof x === 'string' && typeof y === 'string')
      return sign * x.localeCompare(y, undefined, { numeric: true })
    return sign * ((x as number) - (y as number))
  }
  return rows
    .filter(({ name }) => words.every(word => name.toLowerCase().includes(word)))
    .sort((a, b) => compare(a, b) || a.label - b.label)
}

/** `-change` for descending; by change, the greatest loss first, when it is none of these. */
export function parseOrder(text: string | undefined): ClassOrder {
  const isDescending = text?.startsWith('-') ?? false
  const by = classColumns.find(column => column === text?.replace(/^-/, ''))
  return by ? { by, isDescending } : { by: 'change', isDescending: false }
}

export function orderText({ by, isDescending }: ClassOrder): string {
  return `${isDescending ? '-' : ''}${by}`
}

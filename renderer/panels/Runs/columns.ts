/** Which columns the table of runs has, and how wide each is. */
import { fieldOf, isOwn, type FieldKind } from './fields.ts'

export interface Column {
  /** Of a field. */
  readonly name: string
  /** Pixels; left out: as wide as its kind usually is. */
  readonly widthPx?: number
}

/** Of a new user: the narrow ones wherever there is room for no more. */
const narrow = ['name', 'status', 'progress', 'top1', 'best', 'valLoss', 'speed', 'elapsed', 'created']
const wide = [...narrow, 'data', 'model', 'loss', 'tag']
const wideFromPx = 1180

/** @param widthPx 0 while unknown. */
export function defaultColumns(widthPx: number): readonly Column[] {
  return (widthPx > 0 && widthPx < wideFromPx ? narrow : wide).map(name => ({ name }))
}

export const leastWidthPx = 48
export const mostWidthPx = 900

const own: Readonly<Record<string, number>> = {
  name: 236,
  status: 112,
  progress: 112,
  top1: 76,
  best: 94,
  notes: 220,
  created: 98,
}
const byKind: Readonly<Record<FieldKind, number>> = {
  ...{ text: 130, list: 150, number: 84, share: 80, count: 78, time: 104, duration: 92, bytes: 88, flag: 76 },
}

export function widthOf({ name, widthPx }: Column): number {
  if (widthPx !== undefined) return widthPx
  const field = fieldOf(name)
  if (!isOwn(name)) return field.kind === 'share' ? 116 : 120
  return own[name] ?? byKind[field.kind]
}

/** The name takes what is left; where too much is asked for, the table scrolls. */
export function gridTemplate(shown: readonly Column[]): string {
  const tracks = shown.map(column =>
    column.name === 'name' && column.widthPx === undefined
      ? `minmax(${own['name']}px, 1fr)`
      : `${widthOf(column)}px`,
  )
  return `34px ${tracks.join(' ')}`
}

export function totalWidthPx(shown: readonly Column[]): number {
  return 34 + 12 + shown.reduce((sum, column) => sum + widthOf(column), 0)
}

export function isNumeric(name: string): boolean {
  const { kind } = fieldOf(name)
  return kind !== 'text' && kind !== 'list' && name !== 'status' && name !== 'progress'
}

/** Stored by the interface of another day: what is no column is left out. */
export function readColumns(stored: unknown): readonly Column[] | null {
  if (!Array.isArray(stored)) return null
  const seen = new Set<string>()
  const columns = (stored as unknown[]).flatMap((each): Column[] => {
    const { name, widthPx } = (each ?? {}) as { name?: unknown; widthPx?: unknown }
    if (typeof name !== 'string' || name === '' || seen.has(name)) return []
    seen.add(name)
    return [typeof widthPx === 'number' ? { name, widthPx } : { name }]
  })
  return columns.length > 0 ? columns : null
}

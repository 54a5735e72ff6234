/** The rows of the class list: counted, filtered, sorted. */

export interface ClassRow {
  readonly label: number
  readonly name: string
  readonly count: number
}

export type ClassOrder = 'label' | 'name' | 'count'

export function classRows(
  classes: readonly string[],
  counts: readonly number[],
  filter: string,
  order: ClassOrder,
): ClassRow[] {
  const wanted = filter.trim().toLowerCase()
  const rows = classes.map((name, label) => ({ label, name, count: counts[label] ?? 0 }))
  const found = wanted === '' ? rows : rows.filter(row => row.name.toLowerCase().includes(wanted))
  if (order === 'name') found.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
  if (order === 'count') found.sort((a, b) => b.count - a.count || a.label - b.label)
  return found
}

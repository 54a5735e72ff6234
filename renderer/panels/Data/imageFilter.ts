/** Which images the grid shows, as it stands in the address: `?label=3&text=night&state=tagged&min=64`. */
import type { ImageFilter } from '../../../core/contract/index.ts'

export const wholeSplit: ImageFilter = {
  ...{ label: null, text: '', tag: '', leastSide: null, mostSide: null },
  ...{ state: 'all', order: 'index' },
}

const states = ['all', 'relabelled', 'tagged', 'untagged', 'broken'] as const
const orders = ['index', 'name', 'smallest', 'largest'] as const

/** What makes no sense in an address is left out. */
export function filterFromQuery(query: Readonly<Record<string, string>>): ImageFilter {
  return {
    label: whole(query['label']),
    text: (query['text'] ?? '').slice(0, 200),
    tag: (query['tag'] ?? '').slice(0, 60),
    leastSide: whole(query['min']),
    mostSide: whole(query['max']),
    state: states.find(state => state === query['state']) ?? 'all',
    order: orders.find(order => order === query['order']) ?? 'index',
  }
}

/** Empty values take a part out of the address. */
export function filterAsQuery({ label, text, tag, leastSide, mostSide, state, order }: ImageFilter) {
  const number = (value: number | null): string => (value === null ? '' : String(value))
  return {
    ...{ label: number(label), text, tag, min: number(leastSide), max: number(mostSide) },
    ...{ state: state === 'all' ? '' : state, order: order === 'index' ? '' : order },
  }
}

/** Whether a filter leaves images out. */
export function isNarrow({ order: _, ...filter }: ImageFilter): boolean {
  const { order: __, ...whole } = wholeSplit
  return JSON.stringify(filter) !== JSON.stringify(whole)
}

function whole(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null
}

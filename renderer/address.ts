/** Addresses of places in the interface: `#/run/run-12/log`, `#/data/sample?label=3`. */

export type Page =
  'start' | 'data' | 'train' | 'runs' | 'run' | 'evaluation' | 'compare' | 'retrieval' | 'system' | 'unknown'

export interface Route {
  readonly page: Page
  /** Of a data set or a run; empty on pages without one. */
  readonly id: string
  readonly tab: string
  readonly query: Readonly<Record<string, string>>
}

export type RouteParts = Partial<Route> & { readonly page: Page }

const pages: readonly Page[] = [
  'start',
  'data',
  'train',
  'runs',
  'run',
  'evaluation',
  'compare',
  'retrieval',
  'system',
]

/** No address is the list of runs; one that leads nowhere is `unknown`. */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#?\/?/, '').split('?')
  const [page = '', id = '', tab = ''] = path.split('/').map(decode)
  const query = Object.fromEntries(new URLSearchParams(search))
  const known = pages.find(each => each === page)
  return known
    ? { page: known, id, tab, query }
    : { page: page === '' ? 'runs' : 'unknown', id: '', tab: '', query: {} }
}

export function routeHash(parts: RouteParts): string {
  const path = [parts.page, parts.id ?? '', parts.tab ?? ''].map(encodeURIComponent).join('/')
  const search = new URLSearchParams(
    Object.entries(parts.query ?? {}).filter(([, value]) => value !== ''),
  ).toString()
  return `#/${path.replace(/\/+$/, '')}${search === '' ? '' : `?${search}`}`
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}

/** The place in the interface, kept in the address after `#`, so that a reload and the Back button work. */
import { shallowRef } from 'vue'
import { parseRoute, routeHash, type Route, type RouteParts } from './address.ts'

export { routeHash, type Page, type Route, type RouteParts } from './address.ts'

export const route = shallowRef<Route>(parseRoute(''))

/** Follows the address; called once at start. */
export function followAddress(): void {
  const read = (): void => {
    route.value = parseRoute(window.location.hash)
  }
  window.addEventListener('hashchange', read)
  read()
}

export function go(parts: RouteParts): void {
  window.location.hash = routeHash(parts)
}

/** Changes the query without a new step in the history. */
export function refine(query: Record<string, string>): void {
  const next = routeHash({ ...route.value, query: { ...route.value.query, ...query } })
  window.history.replaceState(null, '', next)
  route.value = parseRoute(next)
}

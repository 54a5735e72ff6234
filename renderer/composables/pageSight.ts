/** Whether anybody sees the page. Where there is no page, as in a test of what stands behind one, it counts as seen. */

interface Sighted {
  readonly hidden: boolean
  addEventListener(type: 'visibilitychange', listener: () => void): void
  removeEventListener(type: 'visibilitychange', listener: () => void): void
}

const page = (globalThis as { readonly document?: Sighted }).document

export function isPageHidden(): boolean {
  return page?.hidden ?? false
}

/** @returns what ends it. */
export function onPageSight(listener: () => void): () => void {
  page?.addEventListener('visibilitychange', listener)
  return () => page?.removeEventListener('visibilitychange', listener)
}

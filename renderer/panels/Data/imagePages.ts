/** Pages of a long list, fetched when they come into sight and forgotten when others took their place. */

export interface Pages<T> {
  /** The item at an index, or undefined while its page is not there. */
  at(index: number): T | undefined
  /** Fetches the pages of [first, end) that are not there. */
  want(first: number, end: number): void
  readonly size: () => number
}

/**
 * @param fetch gives at most `pageSize` items from an offset.
 * @param changed is told when a page arrived.
 * @param failed is told why one did not; it is asked for again when wanted again.
 */
export function pages<T>(
  fetch: (offset: number, limit: number) => Promise<readonly T[]>,
  changed: () => void,
  failed: (reason: unknown) => void,
  pageSize = 200,
  keep = 12,
): Pages<T> {
  const held = new Map<number, readonly T[]>()
  const asked = new Set<number>()

  const load = async (page: number): Promise<void> => {
    asked.add(page)
    try {
      const items = await fetch(page * pageSize, pageSize)
      held.set(page, items)
      for (const oldest of held.keys()) {
        if (held.size <= keep) break
        held.delete(oldest)
      }
      changed()
    } catch (reason) {
      failed(reason)
    } finally {
      asked.delete(page)
    }
  }
  return {
    at: index => held.get(Math.floor(index / pageSize))?.[index % pageSize],
    want: (first, end) => {
      for (let page = Math.floor(first / pageSize); page * pageSize < end; page++) {
        const items = held.get(page)
        if (items) {
          // Seen last, forgotten last.
          held.delete(page)
          held.set(page, items)
        } else if (!asked.has(page)) void load(page)
      }
    },
    size: () => held.size,
  }
}

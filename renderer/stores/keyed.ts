/**
 * A list of things by id that pushes keep up to date. Changes are gathered, so that a host that reports many runs at
 * once costs the page one update: those of a status are shown at once, mere progress as often as the page shows live data.
 */
import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import { paced } from '../composables/paced.ts'

export interface Keyed<T> {
  readonly all: ShallowRef<ReadonlyMap<string, T>>
  readonly list: ComputedRef<readonly T[]>
  /**
   * Takes a whole list. What is pushed while it is fetched is newer than what it says, and of two fetches the later one counts.
   * @returns whether it was taken.
   */
  refetch(fetch: () => Promise<readonly T[]>): Promise<boolean>
  put(item: T): void
  drop(id: string): void
}

const gatherMs = 60

/** @param order for `list`: negative when the first argument comes first. */
export function keyed<T extends { readonly id: string; readonly status: string }>(
  order: (a: T, b: T) => number,
): Keyed<T> {
  const all = shallowRef<ReadonlyMap<string, T>>(new Map())
  const changes = new Map<string, T | null>()
  /** The newest push of each, by when it came. */
  const pushed = new Map<string, { readonly at: number; readonly item: T | null }>()
  let now = 0
  let fetches = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const publish = (): void => {
    clearTimeout(timer)
    timer = undefined
    publishSoon.cancel()
    const next = new Map(all.value)
    for (const [id, item] of changes) {
      if (item) next.set(id, item)
      else next.delete(id)
    }
    changes.clear()
    all.value = next
  }
  const publishSoon = paced(publish)
  const note = (id: string, item: T | null): void => {
    changes.set(id, item)
    pushed.set(id, { at: ++now, item })
    if (item && all.value.get(id)?.status === item.status) publishSoon()
    else timer ??= setTimeout(publish, gatherMs)
  }
  const refetch = async (fetch: () => Promise<readonly T[]>): Promise<boolean> => {
    const own = ++fetches
    const fetchedAt = now
    const next = new Map((await fetch()).map(item => [item.id, item]))
    if (own !== fetches) return false
    changes.clear()
    for (const [id, { at, item }] of pushed) {
      if (at <= fetchedAt) pushed.delete(id)
      else if (item) next.set(id, item)
      else next.delete(id)
    }
    all.value = next
    return true
  }
  return {
    all,
    refetch,
    list: computed(() => [...all.value.values()].sort(order)),
    put: item => note(item.id, item),
    drop: id => note(id, null),
  }
}

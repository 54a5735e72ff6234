/**
 * A list of things by id that pushes keep up to date. Changes are gathered, so that a host that reports many runs at
 * once costs the page one update: those of a status are shown at once, mere progress as often as the page shows live data.
 */
import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import { paced } from '../composables/paced.ts'

export interface Keyed<T> {
  readonly all: ShallowRef<ReadonlyMap<string, T>>
  readonly list: ComputedRef<readonly T[]>
  /** A moment; to be asked for before a list is fetched. */
  moment(): number
  /** Takes a whole list, fetched at a moment. What was pushed since is newer than what the list says of it. */
  replace(items: readonly T[], fetchedAt?: number): void
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
  return {
    all,
    list: computed(() => [...all.value.values()].sort(order)),
    moment: () => now,
    replace: (items, fetchedAt = now) => {
      changes.clear()
      const next = new Map(items.map(item => [item.id, item]))
      for (const [id, { at, item }] of pushed) {
        if (at <= fetchedAt) pushed.delete(id)
        else if (item) next.set(id, item)
        else next.delete(id)
      }
      all.value = next
    },
    put: item => note(item.id, item),
    drop: id => note(id, null),
  }
}

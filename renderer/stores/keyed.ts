/**
 * A list of things by id that pushes keep up to date. Changes are gathered, so that a host that reports many runs at
 * once costs the page one update: those of a status are shown at once, mere progress as often as the page shows live data.
 */
import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import { paced } from '../composables/paced.ts'

export interface Keyed<T> {
  readonly all: ShallowRef<ReadonlyMap<string, T>>
  readonly list: ComputedRef<readonly T[]>
  replace(items: readonly T[]): void
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
    if (item && all.value.get(id)?.status === item.status) publishSoon()
    else timer ??= setTimeout(publish, gatherMs)
  }
  return {
    all,
    list: computed(() => [...all.value.values()].sort(order)),
    replace: items => {
      changes.clear()
      all.value = new Map(items.map(item => [item.id, item]))
    },
    put: item => note(item.id, item),
    drop: id => note(id, null),
  }
}

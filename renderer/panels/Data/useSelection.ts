/** Images chosen in the grid, by their index in the split: one by one, a range of them, or all that are found. */
import { computed, shallowRef } from 'vue'

export function useSelection(indexAt: (place: number) => number | undefined) {
  const chosen = shallowRef<ReadonlySet<number>>(new Set())
  /** Place that a range begins at. */
  let anchor = 0

  const toggle = (place: number): void => {
    const index = indexAt(place)
    if (index === undefined) return
    anchor = place
    const next = new Set(chosen.value)
    if (!next.delete(index)) next.add(index)
    chosen.value = next
  }
  /** From where the last was chosen; places whose page is not here are passed over. */
  const extend = (place: number): void => {
    const next = new Set(chosen.value)
    for (let at = Math.min(anchor, place); at <= Math.max(anchor, place); at++) {
      const index = indexAt(at)
      if (index !== undefined) next.add(index)
    }
    chosen.value = next
  }
  const set = (indices: Iterable<number>): void => {
    chosen.value = new Set(indices)
  }
  return { chosen, count: computed(() => chosen.value.size), toggle, extend, set, clear: () => set([]) }
}

/** Which rows are chosen, and which one the keys act on. A group stands for all its runs. */
import { computed, ref, watch, type Ref } from 'vue'
import type { TableRow } from './runRows.ts'

export function useSelection(
  rows: () => readonly TableRow[],
  selected: Ref<ReadonlySet<string>>,
  reveal: (place: number) => void,
) {
  const focused = ref(0)
  /** Where a stretch of rows began. */
  const anchor = ref(0)
  const idsOf = (row: TableRow): string[] =>
    row.kind === 'group' ? row.runs.map(run => run.id) : [row.run.id]
  const everyId = computed(() => new Set(rows().flatMap(idsOf)))
  const areAllSelected = computed(
    () => everyId.value.size > 0 && [...everyId.value].every(id => selected.value.has(id)),
  )
  const isSelected = (row: TableRow): boolean => idsOf(row).every(id => selected.value.has(id))

  watch(
    () => rows().length,
    length => (focused.value = Math.min(focused.value, Math.max(0, length - 1))),
  )
  const toggle = (place: number): void => {
    const row = rows()[place]
    if (!row) return
    focused.value = place
    anchor.value = place
    const next = new Set(selected.value)
    const wasSelected = isSelected(row)
    for (const id of idsOf(row)) {
      if (wasSelected) next.delete(id)
      else next.add(id)
    }
    selected.value = next
  }
  const toggleAll = (): void => {
    selected.value = areAllSelected.value ? new Set() : everyId.value
  }
  const clear = (): void => {
    selected.value = new Set()
  }
  const move = (to: number): void => {
    focused.value = Math.min(Math.max(0, to), rows().length - 1)
    anchor.value = focused.value
    reveal(focused.value)
  }
  /** Chooses everything from where the stretch began. */
  const extend = (to: number): void => {
    const place = Math.min(Math.max(0, to), rows().length - 1)
    const [first, last] = [Math.min(anchor.value, place), Math.max(anchor.value, place)]
    focused.value = place
    reveal(place)
    selected.value = new Set([
      ...selected.value,
      ...rows()
        .slice(first, last + 1)
        .flatMap(idsOf),
    ])
  }
  return { focused, areAllSelected, isSelected, toggle, toggleAll, clear, move, extend }
}

/** Follows the scroll position and size of an element for `rowWindow`. */
import { computed, onBeforeUnmount, onMounted, ref, type ComputedRef, type Ref } from 'vue'
import { rowWindow, type RowWindow } from './windowing.ts'

export interface Windowing {
  readonly window: ComputedRef<RowWindow>
  readonly widthPx: Ref<number>
  readonly onScroll: () => void
  /** Scrolls as little as needed to show a row. */
  reveal(row: number): void
}

export function useWindowing(
  element: Ref<HTMLElement | null>,
  rows: () => number,
  rowPx: () => number,
  spare = 6,
  /** Height of a header that stays above the rows. */
  headPx = 0,
): Windowing {
  const scrollPx = ref(0)
  const viewPx = ref(600)
  const widthPx = ref(0)
  let observer: ResizeObserver | null = null

  const onScroll = (): void => {
    if (element.value) scrollPx.value = element.value.scrollTop
  }
  onMounted(() => {
    const watched = element.value
    if (!watched) return
    observer = new ResizeObserver(() => {
      viewPx.value = watched.clientHeight
      widthPx.value = watched.clientWidth
    })
    observer.observe(watched)
    viewPx.value = watched.clientHeight
    widthPx.value = watched.clientWidth
  })
  onBeforeUnmount(() => observer?.disconnect())

  const reveal = (row: number): void => {
    const scrolled = element.value
    if (!scrolled) return
    const top = row * rowPx()
    if (top < scrolled.scrollTop) scrolled.scrollTop = top
    else if (headPx + top + rowPx() > scrolled.scrollTop + scrolled.clientHeight) {
      scrolled.scrollTop = headPx + top + rowPx() - scrolled.clientHeight
    }
    onScroll()
  }
  const window = computed(() => rowWindow(rows(), rowPx(), scrollPx.value, viewPx.value, spare))
  return { window, widthPx, onScroll, reveal }
}

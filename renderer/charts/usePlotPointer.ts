/**
 * Pointer and keys over the plot of a chart: the cursor, zooming by dragging, panning with Shift, zooming with Ctrl and
 * the wheel, resetting with a double click; arrows, +, - and 0 do the same from the keyboard.
 */
import { computed, ref, type ComputedRef, type Ref } from 'vue'
import type { Range } from './scale.ts'

export interface PlotPointer {
  readonly selection: ComputedRef<{ readonly leftPx: number; readonly widthPx: number } | null>
  readonly onDown: (event: PointerEvent) => void
  readonly onMove: (event: PointerEvent) => void
  readonly onUp: (event: PointerEvent) => void
  readonly onLeave: () => void
  readonly onWheel: (event: WheelEvent) => void
  readonly onKey: (event: KeyboardEvent) => void
}

interface PlotState {
  /** The range that is shown, and the whole. */
  readonly shown: () => Range
  readonly whole: () => Range
  readonly zoom: Ref<Range | null>
  readonly cursor: Ref<number | null>
}

const leastDragPx = 5

export function usePlotPointer(plot: Ref<HTMLElement | null>, state: PlotState): PlotPointer {
  const drag = ref<{ fromPx: number; toPx: number; panFrom: Range | null } | null>(null)

  const placeOf = (event: PointerEvent | WheelEvent): { px: number; x: number; widthPx: number } => {
    const box = plot.value?.getBoundingClientRect()
    const widthPx = box?.width || 1
    const px = Math.min(Math.max(0, event.clientX - (box?.left ?? 0)), widthPx)
    return { px, x: toX(px, widthPx), widthPx }
  }
  const toX = (px: number, widthPx: number, range = state.shown()): number =>
    range.min + (px / widthPx) * (range.max - range.min)
  const setZoom = (min: number, max: number): void => {
    const whole = state.whole()
    const from = Math.max(whole.min, min)
    const to = Math.min(whole.max, max)
    if (!(to > from)) return
    state.zoom.value = from <= whole.min && to >= whole.max ? null : { min: from, max: to }
  }
  const zoomAround = (x: number, factor: number): void => {
    const { min, max } = state.shown()
    setZoom(x - (x - min) * factor, x + (max - x) * factor)
  }
  const pan = (panFrom: Range, pixels: number, widthPx: number): void => {
    const span = panFrom.max - panFrom.min
    const whole = state.whole()
    const wanted = panFrom.min - (pixels / widthPx) * span
    const min = Math.min(Math.max(whole.min, wanted), whole.max - span)
    setZoom(min, min + span)
  }

  return {
    selection: computed(() => {
      const now = drag.value
      if (!now || now.panFrom || Math.abs(now.toPx - now.fromPx) < leastDragPx) return null
      return { leftPx: Math.min(now.fromPx, now.toPx), widthPx: Math.abs(now.toPx - now.fromPx) }
    }),
    onDown: event => {
      if (event.button !== 0) return
      plot.value?.setPointerCapture(event.pointerId)
      const { px } = placeOf(event)
      drag.value = { fromPx: px, toPx: px, panFrom: event.shiftKey ? state.shown() : null }
    },
    onMove: event => {
      const { px, x, widthPx } = placeOf(event)
      state.cursor.value = x
      const now = drag.value
      if (!now) return
      drag.value = { ...now, toPx: px }
      if (now.panFrom) pan(now.panFrom, px - now.fromPx, widthPx)
    },
    onUp: event => {
      const now = drag.value
      drag.value = null
      if (!now || now.panFrom || Math.abs(now.toPx - now.fromPx) < leastDragPx) return
      const { widthPx } = placeOf(event)
      const ends = [toX(now.fromPx, widthPx), toX(now.toPx, widthPx)] as const
      setZoom(Math.min(...ends), Math.max(...ends))
    },
    onLeave: () => {
      if (!drag.value) state.cursor.value = null
    },
    onWheel: event => {
      if (!event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      zoomAround(placeOf(event).x, event.deltaY > 0 ? 1.25 : 0.8)
    },
    onKey: event => {
      const { min, max } = state.shown()
      const middle = state.cursor.value ?? (min + max) / 2
      const keys: Record<string, () => void> = {
        ArrowLeft: () => (state.cursor.value = Math.max(min, middle - (max - min) / 100)),
        ArrowRight: () => (state.cursor.value = Math.min(max, middle + (max - min) / 100)),
        '+': () => zoomAround(middle, 0.7),
        '=': () => zoomAround(middle, 0.7),
        '-': () => zoomAround(middle, 1.4),
        '0': () => (state.zoom.value = null),
        Escape: () => (state.zoom.value = null),
      }
      const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key]
      if (!act) return
      event.preventDefault()
      act()
    },
  }
}

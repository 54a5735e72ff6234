/**
 * Pointer and keys over the plot of a chart: the cursor, zooming by dragging, panning with Shift or the wheel's other direction,
 * zooming with Ctrl and the wheel, resetting with a double click, picking a place with a click; arrows, +, - , 0 and Enter do the
 * same from the keyboard.
 */
import { computed, ref, type ComputedRef, type Ref } from 'vue'
import { fractionOf, valueAt, type Scale } from './plane.ts'
import type { Range } from './scale.ts'

export interface PlotPointer {
  readonly selection: ComputedRef<{ readonly leftPx: number; readonly widthPx: number } | null>
  readonly isPanning: ComputedRef<boolean>
  readonly onDown: (event: PointerEvent) => void
  readonly onMove: (event: PointerEvent) => void
  readonly onUp: (event: PointerEvent) => void
  readonly onLeave: () => void
  readonly onWheel: (event: WheelEvent) => void
  readonly onKey: (event: KeyboardEvent) => void
}

interface PlotState {
  /** The range that is shown, and the whole. */
  readonly shown: () => Scale
  readonly whole: () => Range
  readonly zoom: Ref<Range | null>
  readonly cursor: Ref<number | null>
  /** Dragging moves the picture instead of choosing a part of it. */
  readonly doesPan?: () => boolean
  readonly onPick?: (x: number) => void
}

const leastDragPx = 5
/** A double click resets the zoom; its first half must not have picked something yet. */
const doubleClickMs = 250

export function usePlotPointer(plot: Ref<HTMLElement | null>, state: PlotState): PlotPointer {
  const drag = ref<{ fromPx: number; toPx: number; panFrom: Scale | null } | null>(null)
  let picking: ReturnType<typeof setTimeout> | undefined

  const placeOf = (event: PointerEvent | WheelEvent): { px: number; x: number; widthPx: number } => {
    const box = plot.value?.getBoundingClientRect()
    const widthPx = box?.width || 1
    const px = Math.min(Math.max(0, event.clientX - (box?.left ?? 0)), widthPx)
    return { px, x: toX(px, widthPx), widthPx }
  }
  const toX = (px: number, widthPx: number): number => valueAt(state.shown(), px / widthPx)
  const setZoom = (min: number, max: number): void => {
    const whole = state.whole()
    const from = Math.max(whole.min, min)
    const to = Math.min(whole.max, max)
    if (!(to > from)) return
    state.zoom.value = from <= whole.min && to >= whole.max ? null : { min: from, max: to }
  }
  const zoomAround = (x: number, factor: number): void => {
    const shown = state.shown()
    const at = fractionOf(shown, x)
    setZoom(valueAt(shown, at - at * factor), valueAt(shown, at + (1 - at) * factor))
  }
  /** Moves what was shown by a share of its width, and stops at the ends of the whole. */
  const pan = (panFrom: Scale, share: number): void => {
    const whole = { ...panFrom, ...state.whole() }
    const least = fractionOf(panFrom, whole.min)
    const most = fractionOf(panFrom, whole.max) - 1
    const from = Math.min(Math.max(share, least), most)
    setZoom(valueAt(panFrom, from), valueAt(panFrom, from + 1))
  }
  const pick = (x: number): void => {
    clearTimeout(picking)
    picking = setTimeout(() => state.onPick?.(x), doubleClickMs)
  }

  return {
    selection: computed(() => {
      const now = drag.value
      if (!now || now.panFrom || Math.abs(now.toPx - now.fromPx) < leastDragPx) return null
      return { leftPx: Math.min(now.fromPx, now.toPx), widthPx: Math.abs(now.toPx - now.fromPx) }
    }),
    isPanning: computed(() => drag.value?.panFrom != null),
    onDown: event => {
      if (event.button > 1) return
      clearTimeout(picking)
      plot.value?.setPointerCapture(event.pointerId)
      const { px } = placeOf(event)
      const doesPan = event.shiftKey || event.button === 1 || (state.doesPan?.() ?? false)
      drag.value = { fromPx: px, toPx: px, panFrom: doesPan ? state.shown() : null }
    },
    onMove: event => {
      const { px, x, widthPx } = placeOf(event)
      state.cursor.value = x
      const now = drag.value
      if (!now) return
      drag.value = { ...now, toPx: px }
      if (now.panFrom) pan(now.panFrom, (now.fromPx - px) / widthPx)
    },
    onUp: event => {
      const now = drag.value
      drag.value = null
      if (!now) return
      const { widthPx, x } = placeOf(event)
      if (Math.abs(now.toPx - now.fromPx) < leastDragPx) {
        if (event.detail < 2 && event.button === 0) pick(x)
        return
      }
      if (now.panFrom) return
      const ends = [toX(now.fromPx, widthPx), toX(now.toPx, widthPx)] as const
      setZoom(Math.min(...ends), Math.max(...ends))
    },
    onLeave: () => {
      if (!drag.value) state.cursor.value = null
    },
    onWheel: event => {
      const isZoom = event.ctrlKey || event.metaKey
      const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX
      if (isZoom) zoomAround(placeOf(event).x, event.deltaY > 0 ? 1.25 : 0.8)
      else if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY) && state.zoom.value)
        pan(state.shown(), sideways / placeOf(event).widthPx)
      else return
      event.preventDefault()
    },
    onKey: event => {
      const shown = state.shown()
      const middle = state.cursor.value ?? valueAt(shown, 0.5)
      const moved = (share: number): number =>
        Math.min(shown.max, Math.max(shown.min, valueAt(shown, fractionOf(shown, middle) + share)))
      const isShift = event.shiftKey
      const keys: Record<string, () => void> = {
        ArrowLeft: () => (isShift ? pan(shown, -0.1) : (state.cursor.value = moved(-0.01))),
        ArrowRight: () => (isShift ? pan(shown, 0.1) : (state.cursor.value = moved(0.01))),
        '+': () => zoomAround(middle, 0.7),
        '=': () => zoomAround(middle, 0.7),
        '-': () => zoomAround(middle, 1.4),
        '0': () => (state.zoom.value = null),
        ...(state.zoom.value ? { Escape: () => (state.zoom.value = null) } : {}),
        ...(state.onPick ? { Enter: () => state.onPick?.(middle) } : {}),
      }
      const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key]
      if (!act) return
      event.preventDefault()
      act()
    },
  }
}

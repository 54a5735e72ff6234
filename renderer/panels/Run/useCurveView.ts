/** How curves are looked at: remembered by the host, except for zoom and cursor, which belong to the page. */
import { computed, ref, shallowRef, watch, type Ref, type WritableComputedRef } from 'vue'
import type { XAxis } from '../../charts/curves.ts'
import type { Range } from '../../charts/scale.ts'
import { useSettingsStore } from '../../stores/settings.ts'

export interface CurveView {
  readonly axis: WritableComputedRef<XAxis>
  readonly smoothing: WritableComputedRef<number>
  readonly isLog: WritableComputedRef<boolean>
  /** Of the x axis. */
  readonly isLogX: WritableComputedRef<boolean>
  readonly isRobust: WritableComputedRef<boolean>
  /** Dragging moves the picture instead of choosing a part of it. */
  readonly doesPan: WritableComputedRef<boolean>
  readonly zoom: Ref<Range | null>
  readonly cursor: Ref<number | null>
}

export function useCurveView(): CurveView {
  const settings = useSettingsStore()
  const remembered = <T>(name: string, fallback: T): WritableComputedRef<T> =>
    computed({ get: () => settings.view(name, fallback), set: next => settings.setView(name, next) })
  const axis = remembered<XAxis>('charts.axis', 'step')
  const zoom = shallowRef<Range | null>(null)
  const cursor = ref<number | null>(null)
  watch(axis, () => {
    zoom.value = null
    cursor.value = null
  })
  return {
    axis,
    smoothing: remembered('charts.smoothing', 0.6),
    isLog: remembered<boolean>('charts.isLog', false),
    isLogX: remembered<boolean>('charts.isLogX', false),
    isRobust: remembered<boolean>('charts.isRobust', false),
    doesPan: remembered<boolean>('charts.doesPan', false),
    zoom,
    cursor,
  }
}

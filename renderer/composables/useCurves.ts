/**
 * The curves of one run: fetched once as an envelope, lengthened by live points, fetched again when they have grown,
 * after a lost connection and, in detail, for the part that a chart is zoomed into.
 */
import { onScopeDispose, ref, shallowRef, triggerRef, watch, type Ref, type ShallowRef } from 'vue'
import type { StepPoint } from '../../core/contract/index.ts'
import {
  appendPoints,
  columnsOf,
  stepRange,
  trainingClock,
  type CurveColumns,
  type XAxis,
} from '../charts/curves.ts'
import type { Range } from '../charts/scale.ts'
import { useConnectionStore } from '../stores/connection.ts'
import { workbench } from '../workbench.ts'

export interface Curves {
  readonly curves: ShallowRef<CurveColumns[]>
  readonly isLoaded: Ref<boolean>
  readonly error: Ref<string>
}

const overviewPoints = 1500
const detailPoints = 3000
const publishMs = 200
/** Values added live before the curves are fetched again as an envelope. */
const compactAfter = 20_000

export function useCurves(runId: string, axis: Ref<XAxis>, zoom: Ref<Range | null>): Curves {
  const curves = shallowRef<CurveColumns[]>([])
  const isLoaded = ref(false)
  const error = ref('')
  let overview: CurveColumns[] = []
  let detail: { columns: CurveColumns[]; toStep: number } | null = null
  let waiting: { attempt: number; points: readonly StepPoint[] }[] | null = null
  let added = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let zoomTimer: ReturnType<typeof setTimeout> | undefined

  const publish = (): void => {
    timer = undefined
    curves.value = detail?.columns ?? overview
    triggerRef(curves)
  }
  const publishSoon = (): void => {
    timer ??= setTimeout(publish, publishMs)
  }
  const load = async (): Promise<void> => {
    if (waiting) return
    waiting = []
    try {
      overview = (await workbench().metrics.read({ runId, maxPoints: overviewPoints })).map(columnsOf)
      error.value = ''
    } catch (failure) {
      error.value = failure instanceof Error ? failure.message : String(failure)
    }
    added = 0
    for (const batch of waiting) appendPoints(overview, batch.attempt, batch.points)
    waiting = null
    isLoaded.value = true
    publish()
  }
  const take = (attempt: number, points: readonly StepPoint[]): void => {
    if (waiting) waiting.push({ attempt, points })
    const isNewAttempt = overview.length > 0 && !overview.some(curve => curve.attempt === attempt)
    added += appendPoints(overview, attempt, points)
    if (detail) {
      const end = detail.toStep
      appendPoints(
        detail.columns,
        attempt,
        points.filter(point => point.step <= end),
      )
    }
    publishSoon()
    if (isNewAttempt || added > compactAfter) void load()
  }
  const loadDetail = async (range: Range): Promise<void> => {
    const steps = stepRange(overview, axis.value, trainingClock(overview), range.min, range.max)
    if (!steps) return
    const input = { runId, fromStep: steps.from, toStep: steps.to, maxPoints: detailPoints }
    const read = await workbench()
      .metrics.read(input)
      .catch(() => null)
    if (!read || zoom.value !== range) return
    detail = { columns: read.map(columnsOf), toStep: steps.to }
    publish()
  }
  watch([zoom, axis], ([range]) => {
    clearTimeout(zoomTimer)
    detail = null
    publish()
    if (range) zoomTimer = setTimeout(() => void loadDetail(range), 120)
  })
  const unsubscribe = workbench().metrics.onPoints(({ runId: id, attempt, points }) => {
    if (id === runId) take(attempt, points)
  })
  useConnectionStore().onReconnect(() => void load())
  onScopeDispose(() => {
    unsubscribe()
    clearTimeout(timer)
    clearTimeout(zoomTimer)
  })
  void load()
  return { curves, isLoaded, error }
}

/**
 * The curves of one run: fetched once as an envelope, lengthened by live points, fetched again when they have grown,
 * after a lost connection and, in detail, for the part that a chart is zoomed into.
 */
import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import type { StepPoint } from '../../core/contract/index.ts'
import {
  appendPoints,
  columnsOf,
  stepRange,
  trainingClock,
  withDetail,
  type CurveColumns,
  type XAxis,
} from '../charts/curves.ts'
import type { Range } from '../charts/scale.ts'
import { useConnectionStore } from '../stores/connection.ts'
import { workbench } from '../workbench.ts'
import { paced } from './paced.ts'

export interface Curves {
  readonly curves: ShallowRef<CurveColumns[]>
  readonly isLoaded: Ref<boolean>
  readonly error: Ref<string>
}

export interface CurvesOptions {
  /** Weight of the moving averages; none when left out. */
  readonly smoothing?: Ref<number>
  /** Series to fetch, by key; all when empty or left out. */
  readonly names?: readonly string[]
  /** Buckets of a curve at most, and of the part that is shown in detail. */
  readonly maxPoints?: number
}

const detailPoints = 3000
/** Values added live before the curves are fetched again as an envelope. */
const compactAfter = 20_000

/** Whether what was fetched for one part shows another as well: one that was moved a little. */
function isFineEnough({ asked, held }: { asked: Range; held: Range }, range: Range): boolean {
  const isWithin = range.min >= held.min && range.max <= held.max
  return isWithin && range.max - range.min > 0.8 * (asked.max - asked.min)
}

export function useCurves(
  runId: string,
  axis: Ref<XAxis>,
  zoom: Ref<Range | null>,
  options: CurvesOptions = {},
): Curves {
  const { names = [], maxPoints = 1500, smoothing } = options
  const connection = useConnectionStore()
  const curves = shallowRef<CurveColumns[]>([])
  const isLoaded = ref(false)
  const error = ref('')
  let overview: CurveColumns[] = []
  let detail: { columns: CurveColumns[]; toStep: number; asked: Range; held: Range } | null = null
  let waiting: { attempt: number; points: readonly StepPoint[] }[] | null = null
  let isStale = false
  let added = 0
  let zoomTimer: ReturnType<typeof setTimeout> | undefined
  let smoothTimer: ReturnType<typeof setTimeout> | undefined

  const weight = (): number => smoothing?.value ?? 0
  const wants = (key: string): boolean => names.length === 0 || names.includes(key)
  const publish = (): void => {
    // A list of its own each time: it is how charts notice that points were added in place.
    curves.value = detail ? withDetail(overview, detail.columns, detail.toStep) : [...overview]
  }
  const publishSoon = paced(publish)
  const read = (window: { fromStep?: number; toStep?: number; maxPoints: number }) =>
    workbench().metrics.read({ runId, names: [...names], smoothing: weight(), ...window })

  const load = async (): Promise<void> => {
    isStale = waiting !== null
    if (waiting) return
    waiting = []
    const asked = weight()
    try {
      const answer = (await read({ maxPoints })).map(columnsOf)
      overview = answer
      error.value = ''
    } catch (failure) {
      error.value = failure instanceof Error ? failure.message : String(failure)
    }
    added = 0
    for (const batch of waiting) appendPoints(overview, batch.attempt, batch.points, asked, wants)
    waiting = null
    isLoaded.value = true
    publish()
    if (isStale || asked !== weight()) void load()
  }
  const take = (attempt: number, points: readonly StepPoint[]): void => {
    if (waiting) waiting.push({ attempt, points })
    const isNewAttempt = overview.length > 0 && !overview.some(curve => curve.attempt === attempt)
    added += appendPoints(overview, attempt, points, weight(), wants)
    publishSoon()
    if (isNewAttempt || added > compactAfter) void load()
  }
  const loadDetail = async (range: Range): Promise<void> => {
    if (detail && isFineEnough(detail, range)) return
    // Half as much more on either side, so that moving a little shows no gap.
    const spare = (range.max - range.min) / 2
    const held = { min: range.min - spare, max: range.max + spare }
    const clock = trainingClock(overview)
    const steps = stepRange(overview, axis.value, clock, held.min, held.max)
    if (!steps) return
    const window = { fromStep: steps.from, toStep: steps.to, maxPoints: options.maxPoints ?? detailPoints }
    const found = await read(window).catch(() => null)
    if (!found || zoom.value !== range) return
    detail = { columns: found.map(columnsOf), toStep: steps.to, asked: range, held }
    publish()
  }
  watch([zoom, axis], ([range], [, axisBefore]) => {
    clearTimeout(zoomTimer)
    if (!range || axis.value !== axisBefore) {
      const had = detail !== null
      detail = null
      if (had) publish()
    }
    if (range) zoomTimer = setTimeout(() => void loadDetail(range), 120)
  })
  if (smoothing) {
    watch(smoothing, () => {
      // Until the host has averaged every point, what is shown is averaged.
      const forget = (all: readonly CurveColumns[]): CurveColumns[] =>
        all.map(curve => ({ ...curve, smooth: null, carry: null }))
      overview = forget(overview)
      detail = null
      publish()
      clearTimeout(smoothTimer)
      smoothTimer = setTimeout(() => {
        // What was fetched before stays averaged by the page; it is fetched again with the next connection.
        if (connection.isAway) return
        void load()
        if (zoom.value) void loadDetail(zoom.value)
      }, 200)
    })
  }
  const unsubscribe = workbench().metrics.onPoints(({ runId: id, attempt, points }) => {
    if (id === runId) take(attempt, points)
  })
  connection.onGap(() => void load())
  onScopeDispose(() => {
    unsubscribe()
    publishSoon.cancel()
    clearTimeout(zoomTimer)
    clearTimeout(smoothTimer)
  })
  void load()
  return { curves, isLoaded, error }
}

/** Other runs over the curves of this one: chosen one by one, or the whole of its group. */
import {
  computed,
  effectScope,
  onScopeDispose,
  shallowReactive,
  watch,
  type ComputedRef,
  type EffectScope,
} from 'vue'
import { linesOf, trainingClock, type Lines, type TrainingClock } from '../../charts/curves.ts'
import type { ChartLine } from '../../charts/chartLine.ts'
import { groupLine } from '../../charts/group.ts'
import { seriesCount } from '../../charts/theme.ts'
import { useCurves, type Curves } from '../../composables/useCurves.ts'
import { t } from '../../language/index.ts'
import { refine, route } from '../../route.ts'
import { useRunsStore } from '../../stores/runs.ts'
import type { ChartedSeries } from './charted.ts'
import type { CurveView } from './useCurveView.ts'

/** Runs that are drawn at once; each costs a call and some milliseconds a picture. */
export const mostOverlaid = 100
/** `runs`: a line for each. `mean`: one line for all, with its spread. */
export type OverlayMode = 'runs' | 'mean'

export interface Overlay {
  readonly ids: ComputedRef<readonly string[]>
  readonly mode: ComputedRef<OverlayMode>
  choose(ids: readonly string[]): void
  setMode(mode: OverlayMode): void
  /** Lines of the other runs for one series; in `mean` mode that of all runs, this one among them. */
  linesFor(series: ChartedSeries, own: ChartLine, colors: readonly string[]): ChartLine[]
}

interface Held {
  readonly scope: EffectScope
  readonly curves: Curves
  readonly clock: ComputedRef<TrainingClock>
  /** By series. */
  readonly lines: Map<string, ComputedRef<Lines>>
}

const noLines: Lines = { main: [], exact: [], raw: [], orphans: [] }

export function useOverlay(runId: string, view: CurveView): Overlay {
  const runs = useRunsStore()
  const held = shallowReactive(new Map<string, Held>())
  const ids = computed(() =>
    (route.value.query['with'] ?? '')
      .split(',')
      .filter(id => id !== '' && id !== runId)
      .slice(0, mostOverlaid),
  )
  const mode = computed<OverlayMode>(() => (route.value.query['as'] === 'mean' ? 'mean' : 'runs'))

  const hold = (id: string): void => {
    const scope = effectScope(true)
    const options = { smoothing: view.smoothing, maxPoints: 1200 }
    const curves = scope.run(() => useCurves(id, view.axis, view.zoom, options))
    const clock = curves && scope.run(() => computed(() => trainingClock(curves.curves.value)))
    if (curves && clock) held.set(id, { scope, curves, clock, lines: new Map() })
  }
  const release = (id: string): void => {
    held.get(id)?.scope.stop()
    held.delete(id)
  }
  watch(
    ids,
    wanted => {
      for (const id of [...held.keys()]) if (!wanted.includes(id)) release(id)
      for (const id of wanted) if (!held.has(id)) hold(id)
    },
    { immediate: true },
  )
  onScopeDispose(() => [...held.keys()].forEach(release))

  /** Each run's lines are worked out anew when its own curves change, and not when those of another do. */
  const linesOfRun = (id: string, series: ChartedSeries): Lines => {
    const run = held.get(id)
    if (!run) return noLines
    const known = run.lines.get(series.key)
    if (known) return known.value
    const { curves } = run.curves
    const made = run.scope.run(() =>
      computed(() => {
        const weight = series.isExact ? 0 : view.smoothing.value
        return linesOf(curves.value, series.key, view.axis.value, run.clock.value, weight)
      }),
    )
    if (!made) return noLines
    run.lines.set(series.key, made)
    return made.value
  }
  const linesFor: Overlay['linesFor'] = (series, own, colors) => {
    const others = ids.value.map((id, index): ChartLine => {
      const lines = linesOfRun(id, series)
      return {
        id: `${id}/${series.key}`,
        label: runs.all.get(id)?.name ?? id,
        detail: series.label,
        color: colors[(index + 4) % seriesCount] ?? '',
        points: lines.main,
        exact: lines.exact,
        isDashed: series.color !== 0,
        ...(ids.value.length <= 12 ? { raw: lines.raw } : {}),
      }
    })
    if (mode.value === 'runs') return others
    const { mean, band } = groupLine([own.points, ...others.map(line => line.points)])
    const faint = [own, ...others].map((line): ChartLine => ({
      ...line,
      raw: [],
      orphans: [],
      color: own.color,
      isFaint: true,
    }))
    const label = t('mean of {count} runs', { count: others.length + 1 })
    const line = {
      id: `mean/${series.key}`,
      label,
      detail: series.label,
      color: own.color,
      points: mean,
      band,
    }
    return [...faint, line]
  }
  return {
    ids,
    mode,
    choose: chosen => refine({ with: chosen.join(','), ...(chosen.length === 0 ? { as: '' } : {}) }),
    setMode: next => refine({ as: next === 'mean' ? 'mean' : '' }),
    linesFor,
  }
}

/** Curves of several runs; a run that leaves the comparison is forgotten. */
import {
  computed,
  effectScope,
  onScopeDispose,
  shallowReactive,
  watch,
  type ComputedRef,
  type EffectScope,
  type Ref,
} from 'vue'
import type { RunSummary } from '../../../core/contract/index.ts'
import { linesOf, trainingClock } from '../../charts/curves.ts'
import type { ChartLine } from '../../charts/chartLine.ts'
import type { ChartColors } from '../../charts/theme.ts'
import { useCurves, type Curves } from '../../composables/useCurves.ts'
import { useRunsStore } from '../../stores/runs.ts'
import { chartsFor } from '../Run/charted.ts'
import type { CurveView } from '../Run/useCurveView.ts'

export interface Compared {
  readonly id: string
  readonly name: string
  readonly color: string
  readonly run: RunSummary | undefined
}

export function useCompared(
  ids: ComputedRef<string[]>,
  view: CurveView,
  split: Ref<'train' | 'val'>,
  colors: Ref<ChartColors>,
  /** Of the sides that are checkpoints of a run. */
  letters: Ref<ReadonlyMap<string, string>>,
) {
  const runs = useRunsStore()
  const held = shallowReactive(new Map<string, { scope: EffectScope; curves: Curves }>())

  const hold = (id: string): void => {
    const scope = effectScope(true)
    const curves = scope.run(() => useCurves(id, view.axis, view.zoom))
    if (curves) held.set(id, { scope, curves })
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

  const compared = computed<Compared[]>(() =>
    ids.value.map((id, index) => {
      const run = runs.all.get(id)
      const color = colors.value.series[index % colors.value.series.length] ?? ''
      const letter = letters.value.get(id)
      const name = run?.name ?? id
      return { id, name: letter === undefined ? name : `${letter} · ${name}`, color, run }
    }),
  )
  const charts = computed(() => {
    const all = [...held.values()].flatMap(each => each.curves.curves.value)
    const keys = new Set(all.map(curve => curve.key))
    return chartsFor(keys).flatMap(chart => {
      const series = chart.series.find(each => each.key.startsWith(`${split.value}/`)) ?? chart.series[0]
      if (!series || !keys.has(series.key)) return []
      const lines = compared.value.map((each, index): ChartLine => {
        const curves = held.get(each.id)?.curves.curves.value ?? []
        const drawn = linesOf(
          curves,
          series.key,
          view.axis.value,
          trainingClock(curves),
          series.isExact ? 0 : view.smoothing.value,
        )
        // Beyond the eighth, colours come round again: dashes tell them apart.
        const isDashed = index >= colors.value.series.length
        return {
          id: each.id,
          label: each.name,
          color: each.color,
          points: drawn.main,
          exact: drawn.exact,
          detail: each.id,
          raw: drawn.raw,
          isDashed,
        }
      })
      return [
        {
          ...chart,
          title: chart.series.length > 1 ? `${chart.title} (${series.label})` : chart.title,
          lines,
        },
      ]
    })
  })
  return { compared, charts }
}

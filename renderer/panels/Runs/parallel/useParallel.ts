/** Which axes parallel coordinates have, what colours the lines, and what was brushed. */
import { computed, shallowRef, watch } from 'vue'
import type { RunSummary } from '../../../../core/contract/index.ts'
import { refine, route } from '../../../route.ts'
import { useRunColumnsStore } from '../../../stores/runColumns.ts'
import { fieldOf, smallerIsBetter } from '../fields.ts'
import { axisOf, isAxisPath, isOfLists, isWithin, queryOf, type Axis, type Stretch } from './axes.ts'
import { association } from './importance.ts'

/** Axes of a new user, besides the metric. */
const firstAxes = 6
/** Settings whose part in the metric is looked at. */
const mostSettings = 40

export function useParallel(runs: () => readonly RunSummary[]) {
  const store = useRunColumnsStore()
  const metrics = computed(() => {
    const shown = store.known.series.filter(series => series.startsWith('val/'))
    return ['best', 'valLoss', ...shown.map(series => `best(${series})`), 'speed', 'elapsed']
  })
  const metric = computed({
    get: () => route.value.query['metric'] ?? 'best',
    set: next => refine({ metric: next === 'best' ? '' : next }),
  })
  const varying = computed(() =>
    store.known.settings.filter(each => each.varies && isAxisPath(each.path)).map(({ path }) => path),
  )
  /** Without lists, which show once their values are there. */
  const settings = computed(() =>
    varying.value.slice(0, mostSettings).filter(path => !isOfLists(store.columns.get(path)?.values() ?? [])),
  )
  const candidates = computed(() => ['model', 'data', ...settings.value])
  watch(
    () => [...varying.value.slice(0, mostSettings), metric.value].filter(name => fieldOf(name).of === null),
    fields => store.want(fields),
    { immediate: true },
  )

  const target = computed(() => axisOf(metric.value, runs(), store.columns))
  const weights = computed(() =>
    candidates.value
      .map(name => ({
        name,
        found: association(axisOf(name, runs(), store.columns).values, target.value.values),
      }))
      .flatMap(({ name, found }) => (found ? [{ name, ...found }] : []))
      .sort((a, b) => Math.abs(b.strength) - Math.abs(a.strength)),
  )
  /** Those of the address, else the ones that went along with the metric most. */
  const names = computed({
    get: () => {
      const asked = route.value.query['axes']?.split(',').filter(name => name !== '') ?? []
      if (asked.length > 0) return asked
      const first = weights.value.slice(0, firstAxes).map(({ name }) => name)
      return first.length > 0 ? first : settings.value.slice(0, firstAxes)
    },
    set: next => refine({ axes: next.join(',') }),
  })
  const axes = computed<readonly Axis[]>(() => [
    ...names.value.filter(name => name !== metric.value).map(name => axisOf(name, runs(), store.columns)),
    target.value,
  ])

  const brushes = shallowRef<ReadonlyMap<string, Stretch>>(new Map())
  watch(names, () => {
    const kept = [...brushes.value].filter(([name]) => name === metric.value || names.value.includes(name))
    if (kept.length < brushes.value.size) brushes.value = new Map(kept)
  })
  const chosen = computed(() => {
    const active = axes.value.filter(axis => brushes.value.has(axis.name))
    if (active.length === 0) return null
    const ids = new Set<string>()
    runs().forEach((run, index) => {
      if (active.every(axis => isWithin(axis, index, brushes.value.get(axis.name)!))) ids.add(run.id)
    })
    return ids
  })
  const asQuery = computed(() =>
    axes.value
      .filter(axis => brushes.value.has(axis.name))
      .map(axis => queryOf(axis, brushes.value.get(axis.name)!))
      .join(' and '),
  )
  const isSmallBest = computed(() => smallerIsBetter(metric.value))
  return { metric, metrics, names, candidates, axes, target, weights, brushes, chosen, asQuery, isSmallBest }
}

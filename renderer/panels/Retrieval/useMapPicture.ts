/** What the map shows: one or two maps over each other as one list of points, their colours and their legend. */
import { computed, ref, type ComputedRef, type Ref } from 'vue'
import { useChartColors } from '../../charts/useChartColors.ts'
import { useTheme } from '../../composables/useTheme.ts'
import { t } from '../../language/index.ts'
import { laidOver, type MapPoints } from './mapPoints.ts'
import { classColors, cssOf, rgbOf, type Rgb } from './pointColors.ts'

export type ColorBy = 'class' | 'error' | 'checkpoint'

export function useMapPicture(
  first: Ref<MapPoints | null>,
  second: Ref<MapPoints | null>,
  names: ComputedRef<readonly string[]>,
  sides: ComputedRef<readonly [string, string]>,
  colorBy: Ref<ColorBy>,
  selected: Ref<readonly number[]>,
) {
  const { isDark } = useTheme()
  const chart = useChartColors()
  /** A group of the legend that is shown alone. */
  const shown = ref<number | null>(null)
  const firstCount = computed(() => first.value?.indices.length ?? 0)
  const positions = computed(() => {
    if (!first.value) return new Float32Array(0)
    if (!second.value) return first.value.positions
    const over = laidOver(first.value, second.value)
    const both = new Float32Array(first.value.positions.length + over.length)
    both.set(first.value.positions)
    both.set(over, first.value.positions.length)
    return both
  })
  const sideOf = (at: number): MapPoints | null => (at < firstCount.value ? first.value : second.value)
  const placeOf = (at: number): number => (at < firstCount.value ? at : at - firstCount.value)
  const indexOf = (at: number): number => sideOf(at)?.indices[placeOf(at)] ?? 0
  const labelOf = (at: number): number => sideOf(at)?.labels[placeOf(at)] ?? -1
  const predictedOf = (at: number): number | null => sideOf(at)?.predicted?.[placeOf(at)] ?? null
  /** By class; right 0, wrong 1, unknown 2; checkpoint 0 or 1. */
  const groups = computed(() => {
    const out = new Int32Array(positions.value.length / 2)
    for (let at = 0; at < out.length; at++) {
      if (colorBy.value === 'class') out[at] = labelOf(at)
      else if (colorBy.value === 'checkpoint') out[at] = at < firstCount.value ? 0 : 1
      else {
        const said = predictedOf(at)
        out[at] = said === null ? 2 : said === labelOf(at) ? 0 : 1
      }
    }
    return out
  })
  const palette = computed((): Rgb[] => {
    if (colorBy.value === 'class') return classColors(names.value.length, chart.value.series, isDark.value)
    if (colorBy.value === 'checkpoint')
      return [rgbOf(chart.value.series[0] ?? ''), rgbOf(chart.value.series[1] ?? '')]
    return [rgbOf(chart.value.series[0] ?? ''), rgbOf(chart.value.bad), rgbOf(chart.value.axis)]
  })
  const colors = computed(() => {
    const out = new Uint8Array(groups.value.length * 4)
    const isChosen = new Set(selected.value)
    for (let at = 0; at < groups.value.length; at++) {
      const group = groups.value[at]!
      const [red, green, blue] = palette.value[group] ?? rgbOf(chart.value.axis)
      const isOff = shown.value !== null && group !== shown.value
      const alpha = isOff ? 0 : isChosen.size === 0 ? 200 : isChosen.has(at) ? 255 : 45
      out.set([red, green, blue, alpha], at * 4)
    }
    return out
  })
  const legend = computed(() => {
    const counts = new Map<number, number>()
    for (const group of groups.value) counts.set(group, (counts.get(group) ?? 0) + 1)
    const nameOf = (id: number): string => {
      if (colorBy.value === 'class') return names.value[id] ?? t('no class')
      if (colorBy.value === 'checkpoint') return sides.value[id] ?? ''
      return [t('right class'), t('wrong class'), t('not known')][id] ?? ''
    }
    return [...counts]
      .sort(([a], [b]) => a - b)
      .map(([id, count]) => ({
        ...{ id, count, name: nameOf(id) },
        color: cssOf(palette.value[id] ?? rgbOf(chart.value.axis)),
      }))
  })
  return {
    positions,
    colors,
    legend,
    shown,
    indexOf,
    labelOf,
    predictedOf,
    isSecond: (at: number) => at >= firstCount.value,
  }
}

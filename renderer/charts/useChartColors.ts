/** Chart colours that follow the theme. */
import { nextTick, shallowRef, watch, type ShallowRef } from 'vue'
import { useTheme } from '../composables/useTheme.ts'
import { readChartColors, type ChartColors } from './theme.ts'

export function useChartColors(): ShallowRef<ChartColors> {
  const { isDark } = useTheme()
  const colors = shallowRef(readChartColors())
  watch(isDark, async () => {
    await nextTick()
    colors.value = readChartColors()
  })
  return colors
}

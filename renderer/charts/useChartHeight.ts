/** How tall a chart should be: two rows of them fit the window, within reason. */
import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

const [leastPx, mostPx] = [200, 380]
/** What stands above the charts, and the frames around two rows of them. */
const otherPx = 510

export function useChartHeight(): Ref<number> {
  const fitting = (): number =>
    Math.min(mostPx, Math.max(leastPx, Math.round((window.innerHeight - otherPx) / 2)))
  const heightPx = ref(fitting())
  const follow = (): void => void (heightPx.value = fitting())
  onMounted(() => window.addEventListener('resize', follow))
  onBeforeUnmount(() => window.removeEventListener('resize', follow))
  return heightPx
}

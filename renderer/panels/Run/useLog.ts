/** The log of a run: the last lines at first, new ones as they come, earlier ones on request. */
import { onScopeDispose, ref, shallowRef } from 'vue'
import type { LogLine } from '../../../core/contract/index.ts'
import { thrownText } from '../../format/errors.ts'
import { paced } from '../../composables/paced.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { workbench } from '../../workbench.ts'

const pageLines = 2000
/** The page holds this many lines at most; the oldest go, and can be fetched again. */
const mostLines = 50_000

/** @param around number of a line to begin at, instead of the end */
export function useLog(runId: string, around: number | null = null) {
  const lines = shallowRef<readonly LogLine[]>([])
  const hasEarlier = ref(false)
  const error = ref('')
  let arrived: LogLine[] = []

  const publish = (): void => {
    const last = lines.value.at(-1)?.number ?? -Infinity
    const fresh = arrived.filter(line => line.number > last)
    arrived = []
    const next = [...lines.value, ...fresh]
    lines.value = next.length > mostLines ? next.slice(-mostLines) : next
    if (next.length > mostLines) hasEarlier.value = true
  }
  const publishSoon = paced(publish)
  const load = async (): Promise<void> => {
    try {
      // From before the wanted line on, where the newest lines do not reach that far back.
      let last = await workbench().runs.log({ id: runId, after: -1, limit: pageLines })
      if (around !== null) {
        const missing = (last[0]?.number ?? 0) - Math.max(0, around - 200)
        if (missing > 0 && missing <= mostLines) {
          const parts: LogLine[] = []
          for (let after = Math.max(0, around - 200) - 1; parts.length < missing;) {
            const part = await workbench().runs.log({
              id: runId,
              after: Math.max(0, after),
              limit: Math.min(5000, missing - parts.length),
            })
            if (part.length === 0) break
            parts.push(...part)
            after = part.at(-1)!.number
          }
          const first = last[0]?.number ?? Infinity
          last = [...parts.filter(line => line.number < first), ...last]
        }
      }
      lines.value = last
      hasEarlier.value = (last[0]?.number ?? 0) > 0
      error.value = ''
      publish()
    } catch (failure) {
      error.value = thrownText(failure)
    }
  }
  const loadEarlier = async (): Promise<void> => {
    const first = lines.value[0]?.number ?? 0
    const after = Math.max(0, first - pageLines - 1)
    const earlier = await workbench().runs.log({ id: runId, after, limit: pageLines })
    const fresh = earlier.filter(line => line.number < first)
    lines.value = [...fresh, ...lines.value]
    hasEarlier.value = fresh.length > 0 && after > 0
  }
  const unsubscribe = workbench().runs.onLog(({ id, lines: added }) => {
    if (id !== runId) return
    arrived.push(...added)
    publishSoon()
  })
  onScopeDispose(() => {
    unsubscribe()
    publishSoon.cancel()
  })
  useConnectionStore().onGap(() => void load())
  void load()
  return { lines, hasEarlier, error, loadEarlier }
}

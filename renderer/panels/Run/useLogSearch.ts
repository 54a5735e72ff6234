/** Searches the whole log on the host, in parts: the newest matches first, earlier ones on request. */
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import type { LogLine } from '../../../core/contract/index.ts'
import { thrownText } from '../../format/errors.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { workbench } from '../../workbench.ts'

const waitMs = 200

export interface LogQuery {
  readonly text: string
  readonly levels: readonly LogLine['level'][]
}

export function useLogSearch(runId: string, query: Ref<LogQuery | null>) {
  /** Oldest first; null while nothing is searched for. */
  const found = shallowRef<readonly LogLine[] | null>(null)
  /** Lines from here on were looked at. */
  const from = ref(0)
  const isSearching = ref(false)
  const error = ref('')
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked = 0

  const search = async (before: number | null): Promise<void> => {
    const own = ++asked
    if (!query.value) return
    isSearching.value = true
    try {
      const { text, levels } = query.value
      const answer = await workbench().runs.searchLog({ id: runId, text, levels: [...levels], before })
      if (own !== asked) return
      found.value = before === null ? answer.lines : [...answer.lines, ...(found.value ?? [])]
      from.value = answer.from
      error.value = ''
    } catch (failure) {
      if (own === asked) error.value = thrownText(failure)
    } finally {
      if (own === asked) isSearching.value = false
    }
  }
  watch(
    query,
    now => {
      clearTimeout(timer)
      asked++
      isSearching.value = now !== null
      error.value = ''
      if (now) timer = setTimeout(() => void search(null), waitMs)
      else found.value = null
    },
    { immediate: true },
  )
  const unsubscribe = workbench().runs.onLog(({ id, lines }) => {
    if (id !== runId || !found.value || !query.value) return
    const { text, levels } = query.value
    const fresh = lines.filter(
      line =>
        (levels.length === 0 || levels.includes(line.level)) &&
        line.text.toLowerCase().includes(text.toLowerCase()),
    )
    if (fresh.length > 0) found.value = [...found.value, ...fresh]
  })
  useConnectionStore().onGap(() => void search(null))
  onScopeDispose(() => {
    unsubscribe()
    clearTimeout(timer)
  })
  return { found, from, isSearching, error, searchEarlier: () => search(from.value) }
}

/** Checkpoints that a search finds, more of them on demand. */
import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { ComparedCheckpoint } from '../../../core/contract/index.ts'
import { useDebounced } from '../../composables/useDebounced.ts'
import { thrownText } from '../../format/errors.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { workbench } from '../../workbench.ts'

const [firstLimit, mostLimit, typingMs] = [30, 200, 150]

export function useCandidates() {
  const search = ref('')
  const items = shallowRef<readonly ComparedCheckpoint[] | null>(null)
  const total = ref(0)
  const error = ref('')
  const limit = ref(firstLimit)

  const load = async (): Promise<void> => {
    const input = { search: search.value.slice(0, 200), limit: limit.value }
    try {
      const found = await workbench().comparisons.checkpoints(input)
      if (input.search !== search.value.slice(0, 200)) return
      items.value = found.items
      total.value = found.total
      error.value = ''
    } catch (failure) {
      error.value = thrownText(failure)
    }
  }
  const loadSoon = useDebounced(() => void load(), typingMs)
  watch(search, () => {
    limit.value = firstLimit
    loadSoon()
  })
  const more = (): void => {
    limit.value = Math.min(mostLimit, limit.value * 3)
    void load()
  }
  onScopeDispose(workbench().checkpoints.onChanged(() => loadSoon()))
  useConnectionStore().onReconnect(() => void load())
  void load()
  return { search, items, total, error, limit, mostLimit, more }
}

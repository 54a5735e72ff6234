/** Two retrieval evaluations held against each other: figures, one page of queries, and the query that is looked at. */
import { computed, ref, shallowRef, watch } from 'vue'
import type { ComparedQuery, RetrievalComparison } from '../../../core/contract/index.ts'
import { thrownText } from '../../format/errors.ts'
import { route } from '../../route.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { workbench } from '../../workbench.ts'
import type { ComparisonView } from './useComparison.ts'

export const queriesPerPage = 30
const groups = ['all', 'won', 'lost', 'tied'] as const
const difficulties = ['easy', 'medium', 'hard'] as const

export function useComparedRetrieval({ base, against }: ComparisonView) {
  const found = shallowRef<RetrievalComparison | null>(null)
  const error = ref('')
  const isLoading = ref(false)
  const query = computed(() => route.value.query)
  const group = computed(() => groups.find(each => each === query.value['won']) ?? 'all')
  const difficulty = computed(() => difficulties.find(each => each === query.value['difficulty']) ?? null)
  const search = computed(() => (query.value['find'] ?? '').slice(0, 200))
  const page = computed(() => Math.max(1, Number.parseInt(query.value['page'] ?? '', 10) || 1))
  const name = computed(() => query.value['query'] ?? '')

  const evaluationIds = computed((): [string, string] | null => {
    const [one, other] = [base.value, against.value].map(side => side?.evaluation.retrieval)
    return one?.status === 'finished' && other?.status === 'finished' ? [one.id, other.id] : null
  })
  const asked = computed(
    () =>
      evaluationIds.value && {
        evaluationIds: evaluationIds.value,
        ...{ difficulty: difficulty.value, group: group.value, search: search.value },
        ...{ offset: (page.value - 1) * queriesPerPage, limit: queriesPerPage },
      },
  )
  const key = computed(() => JSON.stringify(asked.value))
  const load = async (): Promise<void> => {
    const wanted = key.value
    error.value = ''
    if (!asked.value) {
      found.value = null
      return
    }
    isLoading.value = true
    try {
      const made = await workbench().comparisons.retrieval(asked.value)
      if (wanted === key.value) found.value = made
    } catch (failure) {
      if (wanted === key.value) error.value = thrownText(failure)
    } finally {
      if (wanted === key.value) isLoading.value = false
    }
  }
  watch(key, () => void load(), { immediate: true })
  useConnectionStore().onReconnect(() => void load())

  const chosen = shallowRef<ComparedQuery | null>(null)
  watch(
    [name, found],
    async ([wanted]) => {
      const here = found.value?.queries ?? []
      if (wanted === '') {
        chosen.value = here[0] ?? null
        return
      }
      const listed = here.find(each => each.name === wanted)
      if (listed || !evaluationIds.value) {
        chosen.value = listed ?? null
        return
      }
      const input = {
        evaluationIds: evaluationIds.value,
        ...{ difficulty: difficulty.value, search: wanted.slice(0, 200), limit: 200 },
      }
      const searched = await workbench()
        .comparisons.retrieval(input)
        .catch(() => null)
      if (wanted === name.value) chosen.value = searched?.queries.find(each => each.name === wanted) ?? null
    },
    { immediate: true },
  )
  const pages = computed(() => Math.max(1, Math.ceil((found.value?.total ?? 0) / queriesPerPage)))
  return { found, error, isLoading, group, difficulty, search, page, pages, chosen }
}

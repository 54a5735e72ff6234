/** What the host says about the draft: issues, size, length, learning rate. Asked anew a moment after each change. */
import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { ConfigIssue, Plan } from '../../../core/contract/index.ts'
import { AppError } from '../../../core/errors/AppError.ts'
import { useDebounced } from '../../composables/useDebounced.ts'
import { thrownText } from '../../format/errors.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { useDatasetsStore } from '../../stores/datasets.ts'
import { workbench } from '../../workbench.ts'
import { useDraft } from './useDraft.ts'

const waitMs = 220

export function usePlan() {
  const draft = useDraft()
  const datasets = useDatasetsStore()
  const plan = shallowRef<Plan | null>(null)
  const issues = shallowRef<readonly ConfigIssue[]>([])
  const error = ref('')
  const isAsking = ref(false)
  let asked = 0
  let isGone = false
  onScopeDispose(() => (isGone = true))

  const ask = async (): Promise<void> => {
    if (!draft.config || isGone) return
    const mine = ++asked
    isAsking.value = true
    try {
      const answer = await workbench().catalog.plan({
        config: draft.config,
        datasetId: draft.datasetId || null,
      })
      if (mine !== asked) return
      if (answer.issues.length === 0) plan.value = answer
      issues.value = answer.issues
      error.value = ''
    } catch (failure) {
      if (mine !== asked) return
      issues.value = issuesOf(failure)
      if (issues.value.length === 0) error.value = thrownText(failure)
    } finally {
      if (mine === asked) isAsking.value = false
    }
  }
  const askSoon = useDebounced(() => void ask(), waitMs)
  watch(
    () => [draft.config, draft.datasetId, datasets.all.get(draft.datasetId)?.status],
    () => {
      isAsking.value = true
      askSoon()
    },
    { immediate: true },
  )
  useConnectionStore().onReconnect(() => void ask())
  return { plan, issues, error, isAsking }
}

/** The issues that an error of the host names; empty when it names none. */
export function issuesOf(failure: unknown): readonly ConfigIssue[] {
  const found = failure instanceof AppError ? failure.details['issues'] : undefined
  return Array.isArray(found) ? (found as ConfigIssue[]) : []
}

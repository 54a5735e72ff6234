/** One run in full; the summary follows the pushes, the rest is fetched again when its status changes. */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { Run } from '../../../core/contract/index.ts'
import { thrownText } from '../../format/errors.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { useRunsStore } from '../../stores/runs.ts'
import { workbench } from '../../workbench.ts'

export function useRun(id: string) {
  const runs = useRunsStore()
  const full = shallowRef<Run | null>(null)
  const error = ref('')
  const isGone = ref(false)
  const summary = computed(() => runs.all.get(id) ?? full.value)

  /** How many steps the run will have, while it has not begun to count them. */
  const plannedSteps = ref<number | null>(null)

  const plan = async ({ config, datasetId, totalSteps }: Run): Promise<void> => {
    if (totalSteps > 0 || plannedSteps.value !== null) return
    const answer = await workbench()
      .catalog.plan({ config, datasetId })
      .catch(() => null)
    plannedSteps.value = answer?.totalSteps ?? null
  }
  const load = async (): Promise<void> => {
    try {
      full.value = await workbench().runs.get({ id })
      error.value = ''
      void plan(full.value)
    } catch (failure) {
      error.value = thrownText(failure)
    }
  }
  watch(
    () => summary.value?.status,
    (now, before) => {
      if (before !== undefined && now !== before) void load()
    },
  )
  const unsubscribe = workbench().runs.onRemoved(removed => {
    if (removed.id === id) isGone.value = true
  })
  onScopeDispose(unsubscribe)
  useConnectionStore().onReconnect(() => void load())
  void load()
  return { full, summary, plannedSteps, error, isGone, load }
}

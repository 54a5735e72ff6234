/** The search for a learning rate: it goes on while one looks at other pages, and is found again. */
import { computed, onScopeDispose, shallowRef } from 'vue'
import type { Job, LearningRateSearch } from '../../../core/contract/index.ts'
import { useAction } from '../../composables/useAction.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { jobNow } from '../../composables/jobNow.ts'
import { workbench } from '../../workbench.ts'
import { probeKey } from './preflight.ts'
import { useDraft } from './useDraft.ts'

/** The newest search, and what it was made for. */
const search = shallowRef<{ readonly key: string; readonly job: Job } | null>(null)

export function useRateSearch() {
  const draft = useDraft()
  const { isBusy, run } = useAction()
  const job = computed(() => search.value?.job ?? null)
  const key = computed(() => (draft.config ? probeKey(draft.config, draft.datasetId) : ''))
  const isRunning = computed(() => job.value?.status === 'running')
  const isStale = computed(() => search.value !== null && search.value.key !== key.value)
  const found = computed(() =>
    job.value?.status === 'finished' ? (job.value.result as LearningRateSearch) : null,
  )
  const take = (changed: Job): void => {
    if (search.value?.job.id === changed.id) search.value = { ...search.value, job: changed }
  }
  onScopeDispose(workbench().jobs.onChanged(take))
  const refresh = (): void => {
    const id = search.value?.job.id
    // A host that was started anew knows nothing of it.
    if (id !== undefined && isRunning.value) void jobNow(id).then(take, () => (search.value = null))
  }
  useConnectionStore().onReconnect(refresh)
  refresh()

  const start = (): void =>
    void run(async () => {
      if (!draft.config) return
      const asked = key.value
      const { id } = await workbench().catalog.findLearningRate({
        config: draft.config,
        datasetId: draft.datasetId,
      })
      search.value = { key: asked, job: await jobNow(id) }
    })
  const cancel = (): void => {
    const id = job.value?.id
    if (id !== undefined) void run(() => workbench().jobs.cancel({ id }))
  }
  return { job, found, isBusy, isRunning, isStale, start, cancel }
}

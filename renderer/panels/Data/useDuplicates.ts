/** The search for images that a data set has twice: started by hand, and found again when the tab is. */
import { computed, onScopeDispose, shallowRef } from 'vue'
import { Duplicates, type Job } from '../../../core/contract/index.ts'
import { useAction } from '../../composables/useAction.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { workbench } from '../../workbench.ts'

/** The newest search of each data set, as long as the page is open. */
const searches = new Map<string, string>()

export function useDuplicates(datasetId: string) {
  const job = shallowRef<Job | null>(null)
  const { isBusy, run } = useAction()
  const isRunning = computed(() => job.value?.status === 'running')
  const found = computed(() => Duplicates.safeParse(job.value?.result).data ?? null)

  const look = async (id: string): Promise<void> => {
    const found = await workbench().jobs.get({ id })
    // A push may have told of its end before this answer came.
    if (job.value?.id === id && job.value.status !== 'running') return
    job.value = found
  }
  const refresh = async (): Promise<void> => {
    const known = searches.get(datasetId)
    if (known !== undefined) await look(known)
  }
  const start = (betweenOnly: boolean): Promise<boolean> =>
    run(async () => {
      const { id } = await workbench().datasets.duplicates({ id: datasetId, betweenOnly })
      searches.set(datasetId, id)
      await look(id)
    })
  const cancel = (): Promise<boolean> =>
    run(async () => {
      if (job.value) await workbench().jobs.cancel({ id: job.value.id })
    })
  onScopeDispose(
    workbench().jobs.onChanged(changed => {
      if (changed.id === searches.get(datasetId)) job.value = changed
    }),
  )
  const again = (): void => void refresh().catch(() => searches.delete(datasetId))
  useConnectionStore().onReconnect(again)
  again()
  return { job, found, isBusy, isRunning, start, cancel }
}

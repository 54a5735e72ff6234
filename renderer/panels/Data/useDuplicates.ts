/** The search for images that a data set has twice: started by hand; what it found the host keeps until the next scan. */
import { computed, onScopeDispose, shallowRef } from 'vue'
import type { Duplicates, Job } from '../../../core/contract/index.ts'
import { useAction } from '../../composables/useAction.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { jobNow } from '../../composables/jobNow.ts'
import { workbench } from '../../workbench.ts'

/** The newest search of each data set, as long as the page is open. */
const searches = new Map<string, string>()

export function useDuplicates(datasetId: string) {
  const job = shallowRef<Job | null>(null)
  const found = shallowRef<Duplicates | null>(null)
  const { isBusy, run } = useAction()
  const isRunning = computed(() => job.value?.status === 'running')

  const load = async (): Promise<void> => {
    found.value = (await workbench().datasets.foundDuplicates({ id: datasetId }))?.found ?? null
  }
  const look = async (id: string): Promise<void> => {
    const answer = await jobNow(id)
    // A push may have told of its end before this answer came.
    if (job.value?.id === id && job.value.status !== 'running') return
    job.value = answer
    if (answer.status === 'finished') await load()
  }
  const refresh = async (): Promise<void> => {
    await load()
    const known = searches.get(datasetId)
    if (known !== undefined) await look(known).catch(() => searches.delete(datasetId))
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
  const again = (): void => void refresh().catch(() => {})
  onScopeDispose(
    workbench().jobs.onChanged(changed => {
      if (changed.id === searches.get(datasetId)) job.value = changed
      // Also those that another window, or the command line, has asked for.
      if (changed.kind === 'duplicates' && changed.status === 'finished') void load().catch(() => {})
    }),
  )
  // A scan makes void what was found before it.
  onScopeDispose(
    workbench().datasets.onChanged(({ id, status }) => {
      if (id !== datasetId || (status === 'scanning' && found.value === null)) return
      if (status === 'scanning') found.value = null
      else again()
    }),
  )
  useConnectionStore().onReconnect(again)
  again()
  return { job, found, isBusy, isRunning, start, cancel }
}

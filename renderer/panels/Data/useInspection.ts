/** What was measured of the images of a data set, and the job that measures them. */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { ImageStatistics, Job } from '../../../core/contract/index.ts'
import { useAction } from '../../composables/useAction.ts'
import { thrownText } from '../../format/errors.ts'
import { jobNow } from '../../composables/jobNow.ts'
import { workbench } from '../../workbench.ts'

/** The newest job of each data set, as long as the page is open. */
const known = new Map<string, string>()

/** @param isReady whether the data set can be read now */
export function useInspection(id: string, isReady: () => boolean) {
  const statistics = shallowRef<ImageStatistics>(null)
  const isLoaded = ref(false)
  const error = ref('')
  const job = shallowRef<Job | null>(null)
  const { isBusy, run } = useAction()

  const load = async (): Promise<void> => {
    try {
      statistics.value = await workbench().datasets.statistics({ id })
      error.value = ''
    } catch (failure) {
      error.value = thrownText(failure)
    }
    isLoaded.value = true
  }
  const follow = async (jobId: string): Promise<void> => {
    const found = await jobNow(jobId)
    // A push may have told of its end before this answer came.
    if (job.value?.id === jobId && job.value.status !== 'running') return
    job.value = found
    if (job.value.status === 'finished') await load()
  }
  const start = (decodes: boolean): Promise<boolean> =>
    run(async () => {
      const started = await workbench().datasets.inspect({ id, decodes })
      known.set(id, started.id)
      await follow(started.id)
    })
  const cancel = (): Promise<boolean> =>
    run(async () => {
      if (job.value) await workbench().jobs.cancel({ id: job.value.id })
    })
  onScopeDispose(
    workbench().jobs.onChanged(changed => {
      if (changed.id !== known.get(id)) return
      job.value = changed
      if (changed.status === 'finished') void load()
    }),
  )
  watch(isReady, ready => ready && void load(), { immediate: true })
  const earlier = known.get(id)
  if (earlier !== undefined) void follow(earlier).catch(() => known.delete(id))
  return {
    ...{ statistics, isLoaded, error, job, isBusy, start, cancel },
    isRunning: computed(() => job.value?.status === 'running'),
    isMeasured: computed(() => statistics.value !== null),
  }
}
export type Inspection = ReturnType<typeof useInspection>

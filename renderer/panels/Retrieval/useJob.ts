/** One job: started at a press, watched, cancelled; what came of it is told once. */
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import type { Job } from '../../../core/contract/index.ts'
import { errorText, thrownText } from '../../format/errors.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { jobNow } from '../../composables/jobNow.ts'
import { workbench } from '../../workbench.ts'

export function useJob(finished: (result: unknown) => void) {
  const job = shallowRef<Job | null>(null)
  const startError = ref('')
  let wanted = ''
  const take = (next: Job): void => {
    if (next.id !== wanted || job.value?.status === 'finished') return
    job.value = next
    if (next.status === 'finished') finished(next.result)
  }
  const look = async (id: string): Promise<void> => take(await jobNow(id))
  const start = async (begin: () => Promise<{ readonly id: string }>): Promise<void> => {
    forget()
    startError.value = ''
    const mine = (wanted = `starting ${Math.random()}`)
    try {
      const { id } = await begin()
      // Something else was begun meanwhile.
      if (wanted !== mine) return
      wanted = id
      await look(id)
    } catch (failure) {
      if (wanted === mine) startError.value = thrownText(failure)
    }
  }
  /** Stops watching; the job goes on. */
  const forget = (): void => {
    wanted = ''
    job.value = null
    startError.value = ''
  }
  const cancel = (): void => {
    if (job.value?.status === 'running')
      void workbench()
        .jobs.cancel({ id: job.value.id })
        .catch(() => {})
  }
  onScopeDispose(workbench().jobs.onChanged(take))
  useConnectionStore().onReconnect(() => {
    if (job.value) void look(job.value.id).catch(lost)
  })
  // A host that was started again knows nothing of it.
  function lost(failure: unknown): void {
    job.value = null
    startError.value = thrownText(failure)
  }
  return {
    job,
    start,
    forget,
    cancel,
    isRunning: computed(() => job.value?.status === 'running'),
    isCancelled: computed(() => job.value?.status === 'cancelled'),
    progress: computed(() => job.value?.progress ?? null),
    error: computed(() =>
      startError.value !== ''
        ? startError.value
        : job.value?.status === 'failed' && job.value.error
          ? errorText(job.value.error)
          : '',
    ),
  }
}

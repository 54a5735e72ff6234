/** A job that measures how far two checkpoints lie apart: started at a press or at once, watched, cancelled, its result read. */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { Job } from '../../../core/contract/index.ts'
import { errorText, thrownText } from '../../format/errors.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { jobNow } from '../../composables/jobNow.ts'
import { workbench } from '../../workbench.ts'

export function useDriftJob<T>(
  start: () => Promise<{ readonly id: string }> | null,
  /** What it depends on: another measures anew. */
  key: () => string,
  read: (result: unknown) => T,
) {
  const job = shallowRef<Job | null>(null)
  const startError = ref('')
  let wanted = ''
  const take = (next: Job): void => {
    if (next.id === wanted) job.value = next
  }
  const begin = async (): Promise<void> => {
    const mine = key()
    job.value = null
    wanted = ''
    startError.value = ''
    const asked = start()
    if (!asked) return
    try {
      const { id } = await asked
      if (mine !== key()) return
      wanted = id
      take(await jobNow(id))
    } catch (failure) {
      if (mine === key()) startError.value = thrownText(failure)
    }
  }
  watch(key, () => void begin(), { immediate: true })
  onScopeDispose(workbench().jobs.onChanged(take))
  useConnectionStore().onReconnect(() => void begin())

  const result = computed(() => (job.value?.status === 'finished' ? read(job.value.result) : null))
  const isRunning = computed(() => job.value?.status === 'running')
  const isCancelled = computed(() => job.value?.status === 'cancelled')
  const error = computed(() =>
    startError.value !== '' ? startError.value : job.value?.status === 'failed' ? failureOf(job.value) : '',
  )
  const cancel = (): void => {
    if (wanted !== '')
      void workbench()
        .jobs.cancel({ id: wanted })
        .catch(() => {})
  }
  return {
    result,
    isRunning,
    isCancelled,
    error,
    progress: computed(() => job.value?.progress ?? null),
    begin,
    cancel,
  }
}

function failureOf({ error }: Job): string {
  return error ? errorText(error) : ''
}

/** The library behind the `torch` backend: what is in use, what could be, and the one job that changes it. */
import { computed, onMounted, onUnmounted, shallowRef } from 'vue'
import type { FetchSize, Job, LibtorchCandidate, LibtorchState } from '../../../core/contract/index.ts'
import { useAction } from '../../composables/useAction.ts'
import { errorText } from '../../format/errors.ts'
import { t } from '../../language/index.ts'
import { useSystemStore } from '../../stores/system.ts'
import { useToastsStore } from '../../stores/toasts.ts'
import { jobNow } from '../../composables/jobNow.ts'
import { workbench } from '../../workbench.ts'

export function useLibtorch() {
  const { run: act, isBusy } = useAction()
  const toasts = useToastsStore()
  const system = useSystemStore()
  const state = shallowRef<LibtorchState | null>(null)
  const candidates = shallowRef<readonly LibtorchCandidate[] | null>(null)
  const size = shallowRef<FetchSize | null>(null)
  const job = shallowRef<Job | null>(null)
  const isRunning = computed(() => job.value?.status === 'running')

  const load = async (): Promise<void> => {
    state.value = await workbench().libtorch.state({})
  }
  const start = (call: () => Promise<{ readonly id: string } | null>): Promise<boolean> =>
    act(async () => {
      const started = await call()
      if (started) await follow(started.id)
    })
  const follow = async (id: string): Promise<void> => {
    hear(await jobNow(id))
  }
  const hear = (changed: Job): void => {
    if (changed.kind !== 'libtorch') return
    const wasRunning = job.value?.id === changed.id && job.value.status !== 'running'
    job.value = changed
    if (changed.status === 'running' || wasRunning) return
    void load().catch(() => {})
    if (changed.status === 'failed' && changed.error) toasts.show('error', errorText(changed.error))
    if (changed.status !== 'finished') return
    toasts.show('success', t('Runs that start from now on use it'))
    void system.examine()
  }
  const unsubscribe = workbench().jobs.onChanged(hear)
  onUnmounted(unsubscribe)
  onMounted(() =>
    act(async () => {
      await load()
      // One that another window started, or this page before it was left.
      const all = await workbench().jobs.list({})
      job.value = all.find(each => each.kind === 'libtorch' && each.status === 'running') ?? null
    }),
  )
  return {
    ...{ state, candidates, size, job, isRunning, isBusy },
    look: () =>
      act(async () => {
        candidates.value = await workbench().libtorch.candidates({})
      }),
    measure: () =>
      act(async () => {
        size.value = await workbench().libtorch.measure({})
      }),
    fetch: () => start(() => workbench().libtorch.fetch({})),
    use: (id: string) => start(() => workbench().libtorch.use({ id })),
    useFolder: () => start(() => workbench().libtorch.useFolder({})),
    useAutomatic: () => start(() => workbench().libtorch.useAutomatic({})),
    cancel: () =>
      act(async () => {
        if (job.value) await workbench().jobs.cancel({ id: job.value.id })
      }),
    deleteFetched: () =>
      act(async () => {
        await workbench().libtorch.deleteFetched({})
        await load()
      }),
  }
}

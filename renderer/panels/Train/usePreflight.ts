/** What the run would take here: the machine as it is now, and a probe that is measured when asked for. */
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import type { Job, Machine, Plan, SpeedProbe } from '../../../core/contract/index.ts'
import { useAction } from '../../composables/useAction.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { useRunsStore } from '../../stores/runs.ts'
import { useSystemStore } from '../../stores/system.ts'
import { jobNow } from '../../composables/jobNow.ts'
import { workbench } from '../../workbench.ts'
import { diskFinding, failedProbe, memoryFinding, probeKey, timeFinding, worst } from './preflight.ts'
import { useDraft } from './useDraft.ts'

const askAgainMs = 15_000
/** Measured for a configuration; it outlives the page, and says nothing of another configuration. */
const measured = shallowRef<{ readonly key: string; readonly probe: SpeedProbe } | null>(null)
const job = shallowRef<(Job & { readonly key: string }) | null>(null)

export function usePreflight(
  plan: Ref<Plan | null>,
  runCount: Ref<number>,
  titles: Ref<ReadonlyMap<string, string>>,
) {
  const draft = useDraft()
  const runs = useRunsStore()
  const system = useSystemStore()
  const machine = shallowRef<Machine | null>(null)
  const { isBusy, run: act } = useAction()
  const key = computed(() => (draft.config ? probeKey(draft.config, draft.datasetId) : ''))
  const probe = computed(() => (measured.value?.key === key.value ? measured.value.probe : null))
  const isStale = computed(() => measured.value !== null && probe.value === null)
  const isProbing = computed(() => job.value?.status === 'running')
  const failure = computed(() =>
    job.value?.status === 'failed' && job.value.key === key.value ? job.value.error : null,
  )
  const config = computed(() => draft.config ?? {})
  const findings = computed(() => {
    const cpus = system.info?.cpus ?? 1
    return {
      memory: memoryFinding(config.value, plan.value?.needs ?? null, machine.value),
      time: failure.value
        ? failedProbe(failure.value, titles.value)
        : timeFinding(plan.value, probe.value, cpus, config.value, runCount.value),
      disk: diskFinding(config.value, plan.value, machine.value, runCount.value),
    }
  })
  const verdict = computed(() => worst(Object.values(findings.value)))

  const ask = async (): Promise<void> => {
    machine.value = await workbench()
      .experiments.machine({})
      .catch(() => null)
  }
  void ask()
  const timer = setInterval(() => {
    if (!document.hidden) void ask()
  }, askAgainMs)
  const take = (changed: Job): void => {
    if (job.value === null || changed.id !== job.value.id) return
    job.value = { ...changed, key: job.value.key }
    if (changed.status === 'finished')
      measured.value = { key: job.value.key, probe: changed.result as SpeedProbe }
  }
  const unsubscribe = workbench().jobs.onChanged(take)
  onScopeDispose(() => {
    clearInterval(timer)
    unsubscribe()
  })
  useConnectionStore().onReconnect(() => {
    void ask()
    // A host that was started anew knows nothing of it any more.
    if (isProbing.value && job.value) void jobNow(job.value.id).then(take, () => (job.value = null))
  })
  watch(
    () => runs.active.length,
    () => void ask(),
  )
  const measure = (): void =>
    void act(async () => {
      if (!draft.config) return
      const asked = key.value
      const { id } = await workbench().experiments.probe({ config: draft.config, datasetId: draft.datasetId })
      job.value = { ...(await jobNow(id)), key: asked }
      take(job.value)
    })
  const cancel = (): void => {
    const id = job.value?.id
    if (id !== undefined)
      void workbench()
        .jobs.cancel({ id })
        .catch(() => {})
  }
  const isOpen = ref(true)
  return {
    machine,
    probe,
    isStale,
    isProbing,
    isBusy,
    job,
    findings,
    verdict,
    measure,
    cancel,
    isOpen,
  }
}

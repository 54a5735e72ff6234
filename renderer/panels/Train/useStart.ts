/** Starts what is prepared: one run, or all of a sweep. */
import { computed, ref, type Ref } from 'vue'
import type { ConfigIssue } from '../../../core/contract/index.ts'
import { thrownText } from '../../format/errors.ts'
import { t, tn } from '../../language/index.ts'
import { go } from '../../route.ts'
import { useRunsStore } from '../../stores/runs.ts'
import { useSettingsStore } from '../../stores/settings.ts'
import { useToastsStore } from '../../stores/toasts.ts'
import { workbench } from '../../workbench.ts'
import { sweepInput } from './sweep.ts'
import { useDraft } from './useDraft.ts'
import { issuesOf } from './usePlan.ts'

export interface StartOptions {
  /** Why it cannot start; empty when it can. */
  readonly blocked: Ref<string>
  readonly issues: Ref<readonly ConfigIssue[]>
  readonly isSweep: Ref<boolean>
  readonly runCount: Ref<number>
}

export function useStart({ blocked, issues, isSweep, runCount }: StartOptions) {
  const draft = useDraft()
  const runs = useRunsStore()
  const settings = useSettingsStore()
  const toasts = useToastsStore()
  const isBusy = ref(false)
  const failure = ref('')

  const queueText = computed(() => {
    const free = settings.concurrentRuns - runs.active.length - runs.queue.length
    const atATime = tn(settings.concurrentRuns, 'one run trains at a time', '{count} runs train at a time')
    if (isSweep.value) return t('They join the queue: {atATime}.', { atATime })
    if (free > 0) return t('Starts at once.')
    return t('Joins the queue at place {place}: {atATime}.', { place: runs.queue.length + 1, atATime })
  })
  const label = computed(() => {
    if (isBusy.value) return t('Starting…')
    return isSweep.value ? tn(runCount.value, 'Train {count} run', 'Train {count} runs') : t('Train')
  })

  const one = async (): Promise<void> => {
    const name = draft.name.trim()
    const input = {
      config: draft.config ?? {},
      datasetId: draft.datasetId,
      ...(name === '' ? {} : { name: name.slice(0, 200) }),
    }
    const { id } = await workbench().runs.create(input)
    go({ page: 'run', id })
  }
  const several = async (): Promise<void> => {
    const name = draft.name.trim() || draft.baseName || t('Sweep')
    const { ids, groupId } = await workbench().experiments.createSweep({
      ...{ config: draft.config ?? {}, datasetId: draft.datasetId },
      ...{ name: name.slice(0, 150), sweep: sweepInput(draft.sweep) },
    })
    go({ page: 'runs', query: { q: `sweep = ${groupId}` } })
    const take = (): void =>
      void workbench()
        .experiments.cancelSweep({ groupId })
        .catch(() => {})
    const text = tn(ids.length, '{count} run is in the queue', '{count} runs are in the queue')
    toasts.show('success', text, { label: t('Cancel them'), run: take })
  }
  const train = async (): Promise<void> => {
    if (blocked.value !== '' || isBusy.value || !draft.config) return
    isBusy.value = true
    failure.value = ''
    try {
      await (isSweep.value ? several() : one())
      draft.name = ''
    } catch (thrown) {
      const found = issuesOf(thrown)
      if (found.length > 0) issues.value = found
      else failure.value = thrownText(thrown)
    } finally {
      isBusy.value = false
    }
  }
  return { isBusy, failure, queueText, label, train }
}

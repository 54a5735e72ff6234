/** What the marked fields add up to: how many runs, which, and what is wrong with them. */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { SweepPlan } from '../../../core/contract/index.ts'
import { useDebounced } from '../../composables/useDebounced.ts'
import { thrownText } from '../../format/errors.ts'
import { workbench } from '../../workbench.ts'
import { sweepInput } from './sweep.ts'
import { useDraft } from './useDraft.ts'

const waitMs = 220

export function useSweepPlan() {
  const draft = useDraft()
  const sweep = shallowRef<SweepPlan | null>(null)
  const error = ref('')
  const isAsking = ref(false)
  const isOn = computed(() => draft.sweep.fields.length > 0)
  let asked = 0
  onScopeDispose(() => asked++)

  const ask = async (): Promise<void> => {
    const mine = ++asked
    if (!isOn.value || !draft.config) {
      sweep.value = null
      return
    }
    isAsking.value = true
    try {
      const answer = await workbench().experiments.planSweep({
        config: draft.config,
        sweep: sweepInput(draft.sweep),
      })
      if (mine !== asked) return
      sweep.value = answer
      error.value = ''
    } catch (thrown) {
      if (mine !== asked) return
      sweep.value = null
      error.value = thrownText(thrown)
    } finally {
      if (mine === asked) isAsking.value = false
    }
  }
  const askSoon = useDebounced(() => void ask(), waitMs)
  watch(
    [() => draft.sweep, () => (isOn.value ? draft.config : null)],
    () => {
      isAsking.value = isOn.value
      askSoon()
    },
    { immediate: true },
  )
  const runCount = computed(() => (isOn.value ? (sweep.value?.runs ?? 0) : 1))
  return { sweep, error, isAsking, isOn, runCount }
}

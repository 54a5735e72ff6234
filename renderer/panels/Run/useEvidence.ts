/** What is known of a step, fetched anew when another one is picked; the images of its batch come after. */
import { ref, shallowRef, watch } from 'vue'
import type { Evidence, StepBatch } from '../../../core/contract/index.ts'
import { thrownText } from '../../format/errors.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { workbench } from '../../workbench.ts'

export function useEvidence(runId: () => string, step: () => number) {
  const evidence = shallowRef<Evidence | null>(null)
  const batch = shallowRef<StepBatch | null>(null)
  const error = ref('')
  const batchError = ref('')
  const isLoading = ref(false)
  let asked = 0

  const load = async (): Promise<void> => {
    const own = ++asked
    const isLast = (): boolean => own === asked
    isLoading.value = true
    error.value = batchError.value = ''
    try {
      const found = await workbench().metrics.evidence({ runId: runId(), step: step() })
      if (!isLast()) return
      evidence.value = found
      if (batch.value?.step !== found.step) batch.value = null
      if (found.step >= 1) await loadBatch(found.step, isLast)
    } catch (failure) {
      if (isLast()) error.value = thrownText(failure)
    } finally {
      if (isLast()) isLoading.value = false
    }
  }
  const loadBatch = async (at: number, isLast: () => boolean): Promise<void> => {
    try {
      const found = await workbench().metrics.batch({ runId: runId(), step: at })
      if (isLast()) batch.value = found
    } catch (failure) {
      if (!isLast()) return
      batch.value = null
      batchError.value = thrownText(failure)
    }
  }
  watch([runId, step], () => void load(), { immediate: true })
  useConnectionStore().onReconnect(() => void load())
  return { evidence, batch, error, batchError, isLoading }
}

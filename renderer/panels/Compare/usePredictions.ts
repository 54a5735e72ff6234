/** What the chosen checkpoints said of the same images, added up; fetched anew for other evaluations or another pair. */
import { computed, ref, shallowRef, watch } from 'vue'
import type { PredictionsComparison } from '../../../core/contract/index.ts'
import { thrownText } from '../../format/errors.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { workbench } from '../../workbench.ts'
import type { ComparisonView } from './useComparison.ts'

export type PredictionsView = ReturnType<typeof usePredictions>

export function usePredictions({ judged, base, against }: ComparisonView) {
  const predictions = shallowRef<PredictionsComparison | null>(null)
  const error = ref('')
  const isLoading = ref(false)
  /** Null until both of the pair have predictions. */
  const request = computed(() => {
    const first = judged.value.findIndex(side => side === base.value)
    const second = judged.value.findIndex(side => side === against.value)
    if (first < 0 || second < 0) return null
    const evaluationIds = judged.value.map(side => side.evaluation.classification!.id)
    return { evaluationIds, first, second }
  })
  const key = computed(() => JSON.stringify(request.value))
  const load = async (): Promise<void> => {
    const wanted = key.value
    error.value = ''
    if (request.value === null) {
      predictions.value = null
      isLoading.value = false
      return
    }
    isLoading.value = true
    try {
      const made = await workbench().comparisons.predictions(request.value)
      if (wanted === key.value) predictions.value = made
    } catch (failure) {
      if (wanted !== key.value) return
      predictions.value = null
      error.value = thrownText(failure)
    } finally {
      if (wanted === key.value) isLoading.value = false
    }
  }
  watch(key, () => void load(), { immediate: true })
  useConnectionStore().onReconnect(() => void load())
  return { predictions, request, error, isLoading, judged, base, against, load }
}

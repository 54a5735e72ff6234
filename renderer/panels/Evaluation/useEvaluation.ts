/** One evaluation, its checkpoint, and what can be studied of it; followed while it runs. */
import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import type { Checkpoint, Evaluation, EvaluationStudy } from '../../../core/contract/index.ts'
import { AppError } from '../../../core/errors/index.ts'
import { thrownText } from '../../format/errors.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { workbench } from '../../workbench.ts'

export function useEvaluation(id: string) {
  const evaluation = shallowRef<Evaluation | null>(null)
  const checkpoint = shallowRef<Checkpoint | null>(null)
  const study = shallowRef<EvaluationStudy | null>(null)
  const error = shallowRef('')
  const studyError = shallowRef('')
  /** What it said of each image was not kept, or is damaged. */
  const isOld = shallowRef(false)
  const isRemoved = shallowRef(false)

  const load = async (): Promise<void> => {
    try {
      evaluation.value = await workbench().evaluations.get({ id })
      error.value = ''
      const { checkpointId } = evaluation.value
      checkpoint.value = await workbench()
        .checkpoints.get({ id: checkpointId })
        .catch(() => null)
    } catch (failure) {
      error.value = thrownText(failure)
    }
  }
  const isStudied = computed(
    () => evaluation.value?.status === 'finished' && evaluation.value.settings.kind === 'classification',
  )
  const loadStudy = async (): Promise<void> => {
    try {
      study.value = await workbench().evaluations.study({ id })
      studyError.value = ''
      isOld.value = false
    } catch (failure) {
      const { code } = AppError.from(failure)
      isOld.value = code === 'not-found' || code === 'data-invalid'
      studyError.value = thrownText(failure)
    }
  }
  watch(isStudied, is => is && void loadStudy())
  const ends = [
    workbench().evaluations.onChanged(changed => {
      if (changed.id !== id) return
      evaluation.value = changed
      isRemoved.value = false
    }),
    workbench().evaluations.onRemoved(removed => {
      if (removed.id === id) isRemoved.value = true
    }),
  ]
  onScopeDispose(() => ends.forEach(end => end()))
  useConnectionStore().onReconnect(() => {
    void load()
    if (isStudied.value && study.value === null) void loadStudy()
  })
  void load()
  return { evaluation, checkpoint, study, error, studyError, isOld, isRemoved, loadStudy }
}

/** The checkpoints of a run and what evaluating them gave. */
import { onScopeDispose, ref, shallowRef } from 'vue'
import type { Checkpoint, Evaluation, EvaluationSettings, SplitName } from '../../../core/contract/index.ts'
import { thrownText } from '../../format/errors.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { workbench } from '../../workbench.ts'

export function useCheckpoints(runId: string) {
  const checkpoints = shallowRef<readonly Checkpoint[] | null>(null)
  const evaluations = shallowRef<readonly Evaluation[]>([])
  const error = ref('')

  const load = async (): Promise<void> => {
    try {
      const [saved, evaluated] = await Promise.all([
        workbench().checkpoints.list({ runId }),
        workbench().evaluations.list({ runId }),
      ])
      checkpoints.value = saved
      evaluations.value = [...evaluated].sort((a, b) => b.createdAt - a.createdAt)
      error.value = ''
    } catch (failure) {
      error.value = thrownText(failure)
    }
  }
  const evaluate = async (
    checkpointId: string,
    datasetId: string | null,
    split: SplitName | null,
    settings: Partial<EvaluationSettings>,
  ): Promise<void> => {
    await workbench().evaluations.start({ checkpointId, datasetId, split, settings })
    await load()
  }
  const ends = [
    workbench().checkpoints.onChanged(changed => {
      if (changed.runId === runId) void load()
    }),
    workbench().evaluations.onChanged(changed => {
      if (changed.runId !== runId) return
      const others = evaluations.value.filter(each => each.id !== changed.id)
      evaluations.value = [changed, ...others].sort((a, b) => b.createdAt - a.createdAt)
    }),
    workbench().evaluations.onRemoved(({ id }) => {
      evaluations.value = evaluations.value.filter(each => each.id !== id)
    }),
  ]
  onScopeDispose(() => ends.forEach(end => end()))
  useConnectionStore().onReconnect(() => void load())
  void load()
  return { checkpoints, evaluations, error, load, evaluate }
}

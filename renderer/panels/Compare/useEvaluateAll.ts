/** Evaluates the compared checkpoints that have not been judged on the chosen images: all at once, with progress and cancel. */
import { computed, onScopeDispose, shallowReactive } from 'vue'
import type { Evaluation } from '../../../core/contract/index.ts'
import { useAction } from '../../composables/useAction.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { workbench } from '../../workbench.ts'
import type { Side } from './sides.ts'
import type { ComparisonView } from './useComparison.ts'

export type Kind = Evaluation['settings']['kind']

export function useEvaluateAll(view: ComparisonView, kind: () => Kind) {
  const { isBusy, run: act } = useAction()
  /** Evaluations that pushes told of, newer than those that were opened. */
  const told = shallowReactive(new Map<string, Evaluation>())
  const end = workbench().evaluations.onChanged(evaluation => {
    if (view.present.value.some(side => side.runId === evaluation.runId)) told.set(evaluation.id, evaluation)
  })
  onScopeDispose(end)
  // What went on before a lost connection is opened anew.
  useConnectionStore().onReconnect(() => told.clear())

  const newest = ({ evaluation }: Side): Evaluation | null => {
    const opened = kind() === 'retrieval' ? evaluation.retrieval : evaluation.classification
    return opened && (told.get(opened.id) ?? opened)
  }
  const isJudged = (side: Side): boolean =>
    kind() === 'retrieval' ? side.evaluation.retrieval?.status === 'finished' : side.evaluation.hasPredictions
  const missing = computed(() => view.present.value.filter(side => !isJudged(side)))
  const going = computed(() =>
    missing.value.flatMap(side => {
      const evaluation = newest(side)
      return evaluation && isGoing(evaluation) ? [{ side, evaluation }] : []
    }),
  )
  const failures = computed(() =>
    missing.value.flatMap(side => {
      const evaluation = newest(side)
      return evaluation?.status === 'failed' && evaluation.error ? [{ side, error: evaluation.error }] : []
    }),
  )
  /** Images done, of all that are being evaluated. */
  const progress = computed(() => {
    const parts = going.value.map(({ evaluation }) => evaluation.progress)
    const total = Math.max(0, ...parts.map(part => part?.total ?? 0)) * parts.length
    return { done: parts.reduce((sum, part) => sum + (part?.done ?? 0), 0), total }
  })
  const start = (): Promise<boolean> =>
    act(async () => {
      const chosen = view.comparison.value?.chosen
      if (!chosen) return
      const isOwn = chosen.images === 'own'
      const idle = missing.value.filter(side => !going.value.some(each => each.side === side))
      for (const { checkpoint } of idle)
        await workbench().evaluations.start({
          checkpointId: checkpoint!.id,
          datasetId: isOwn ? null : chosen.datasetId,
          split: chosen.images === 'own' ? null : chosen.images,
          settings: { kind: kind() },
        })
      await view.load()
    })
  const cancel = (): Promise<boolean> =>
    act(() =>
      Promise.all(going.value.map(({ evaluation }) => workbench().evaluations.cancel({ id: evaluation.id }))),
    )
  return { missing, going, failures, progress, isBusy, start, cancel }
}

function isGoing({ status }: Evaluation): boolean {
  return status === 'queued' || status === 'running'
}

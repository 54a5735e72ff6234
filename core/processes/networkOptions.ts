/** From the settings of an evaluation to what evaluations take. */
import type { EvaluationSettings } from '../contract/index.ts'
import type { TaskWatcher } from './protocol.ts'

/** A power that is to be tuned is none yet. */
export function networkOptions({
  size,
  resize,
  weights,
  power,
  crops = 1,
}: Pick<EvaluationSettings, 'size' | 'resize' | 'weights' | 'power'> & { readonly crops?: 1 | 5 | 10 }) {
  return {
    view: { size: size ?? undefined, resize, crops },
    weights: weights ?? undefined,
    power: power === 'max' ? Infinity : typeof power === 'number' ? power : undefined,
  }
}

/** What a cancelled task is told by throwing. */
export function watchedBy(watcher: TaskWatcher) {
  return {
    progress: (phase: string, done: number, total: number) => watcher.progress(phase, done, total),
    isCancelled: () => {
      watcher.throwIfCancelled()
      return false
    },
  }
}

/**
 * The factor that the loss's gradient is multiplied with, so that small gradients survive in float16, and what becomes of it after
 * each step. A pure function of the steps: what it must remember lies in the run's state and is saved with it.
 *
 * @source torch.cuda.amp.GradScaler; NVIDIA apex's LossScaler for the cap.
 */
import type { Precision } from '../experiment/index.ts'

type Setting = Precision['lossScale']

export interface LossScale {
  readonly scale: number
  /** Steps in a row without an overflow since the scale last changed. */
  readonly cleanSteps: number
  /** Steps left out because of an overflow, over the whole run. */
  readonly overflows: number
}

/** float16's smallest normal number: scaled by less, the loss's own gradient would lose bits, and overflows are not the scale's fault. */
export const smallestScale = 2 ** -14

/** The scale that a run starts with, or goes on with from what a checkpoint holds. */
export function startingScale({ mode, value }: Setting, saved?: LossScale): LossScale {
  const scale = mode === 'dynamic' && saved ? saved.scale : value
  return { scale, cleanSteps: saved?.cleanSteps ?? 0, overflows: saved?.overflows ?? 0 }
}

/** After a step that was applied. */
export function afterCleanStep(setting: Setting, now: LossScale): LossScale {
  if (setting.mode !== 'dynamic') return now
  const cleanSteps = now.cleanSteps + 1
  if (cleanSteps < setting.growthInterval) return { ...now, cleanSteps }
  return { ...now, scale: Math.min(now.scale * setting.growthFactor, setting.max), cleanSteps: 0 }
}

/** After a step whose gradients overflowed; null when no lower scale would help, as something else must be wrong. */
export function afterOverflow({ mode, backoff }: Setting, now: LossScale): LossScale | null {
  if (mode !== 'dynamic' || now.scale * backoff < smallestScale) return null
  return { scale: now.scale * backoff, cleanSteps: 0, overflows: now.overflows + 1 }
}

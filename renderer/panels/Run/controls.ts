/** What may be done with a run in each of its states. */
import type { RunStatus } from '../../../core/contract/index.ts'

export interface Controls {
  readonly canPause: boolean
  readonly canStop: boolean
  readonly canResume: boolean
  readonly canRestart: boolean
  readonly canTrash: boolean
  /** What `Stop` does: it takes a queued run out of the queue. */
  readonly stopText: string
}

/** @param isAway the host cannot be heard, so nothing can be asked of it. */
export function controlsOf(status: RunStatus, isTrashed = false, isAway = false): Controls {
  const isAtWork = ['starting', 'running', 'pausing', 'stopping'].includes(status)
  const isKept = isTrashed || isAway
  return {
    canPause: !isKept && (status === 'running' || status === 'starting'),
    canStop: !isKept && ['queued', 'starting', 'running', 'pausing'].includes(status),
    canResume: !isKept && ['paused', 'stopped', 'interrupted', 'failed'].includes(status),
    canRestart: !isKept && !isAtWork && status !== 'queued',
    canTrash: !isKept && !isAtWork,
    stopText:
      status === 'queued' ? 'Take out of the queue' : 'Save, and end the run; it can be resumed later',
  }
}

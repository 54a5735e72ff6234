/** What may be done with a run in each of its states. */
import type { RunStatus } from '../../../core/contract/index.ts'

export interface Controls {
  readonly canPause: boolean
  readonly canStop: boolean
  readonly canResume: boolean
  readonly canTrash: boolean
  /** `Stop` takes a queued run out of the queue. */
  readonly stopLabel: string
}

export function controlsOf(status: RunStatus, isTrashed = false): Controls {
  const isAtWork = ['starting', 'running', 'pausing', 'stopping'].includes(status)
  return {
    canPause: !isTrashed && (status === 'running' || status === 'starting'),
    canStop: !isTrashed && ['queued', 'starting', 'running', 'pausing'].includes(status),
    canResume: !isTrashed && ['paused', 'stopped', 'interrupted', 'failed'].includes(status),
    canTrash: !isTrashed && !isAtWork,
    stopLabel: status === 'queued' ? 'Take out of the queue' : 'Stop',
  }
}

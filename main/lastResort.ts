/** The last resort of a process that holds a host: an error that nobody caught must not take training with it. */
import { AppError } from '../core/errors/index.ts'
import type { Host } from './host.ts'

/** Conditions of the machine, which pass; what hit them has failed, and the host goes on. */
const passing: readonly string[] = ['disk-full', 'data-unreadable', 'cancelled', 'trainer-lost']

/**
 * Reports what nobody caught. A full disk or a lost connection is survived; after a defect nothing can be relied on, so trainers
 * save, and the process ends with code 1. A second one meanwhile is reported only.
 */
export function endOnDefects(
  host: Pick<Host, 'close' | 'report'>,
  exit: (code: number) => void = code => process.exit(code),
  source: Pick<NodeJS.Process, 'on'> = process,
): void {
  let isEnding = false
  const onError = (thrown: unknown): void => {
    const error = AppError.from(thrown, 'not caught')
    host.report(error)
    if (passing.includes(error.code) || isConnectionLost(thrown) || isEnding) return
    isEnding = true
    console.error(`The workbench ends after a defect, and lets training save first: ${error.message}`)
    void host
      .close()
      .catch((other: unknown) => host.report(AppError.from(other)))
      .finally(() => exit(1))
  }
  source.on('uncaughtException', onError)
  source.on('unhandledRejection', onError)
}

function isConnectionLost(thrown: unknown): boolean {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  return ['EPIPE', 'ECONNRESET', 'ERR_IPC_CHANNEL_CLOSED', 'ERR_STREAM_DESTROYED'].includes(code)
}

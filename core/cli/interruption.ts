/** Ctrl-C and SIGTERM: the first asks the command to save and end, the second ends it at once. */
import { AppError } from '../errors/index.ts'

export interface Interruption {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal
  /** Exit code that tells how the command was ended: 130 or 143; null when it was not. */
  readonly exitCode: number | null
  /** @throws AppError cancelled once the first signal has come. */
  throwIfInterrupted(): void
}

/** A closing terminal and the launcher may both pass one signal on: within this time, in milliseconds, it is the same. */
const sameSignalMs = 500

const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/** Listens from now on. @param note says what happens, on standard error. */
export function listenForInterruption(
  note: (text: string) => void,
  source: Pick<NodeJS.Process, 'on'> = process,
  exit: (code: number) => void = code => process.exit(code),
): Interruption {
  const controller = new AbortController()
  let exitCode: number | null = null
  let sinceMs = 0
  for (const [name, code] of Object.entries(exitCodes)) {
    source.on(name as keyof typeof exitCodes, () => {
      if (exitCode !== null) {
        if (performance.now() - sinceMs > sameSignalMs) exit(code)
        return
      }
      exitCode = code
      sinceMs = performance.now()
      note('Saving and stopping; press Ctrl-C again to leave at once')
      controller.abort()
    })
  }
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode
    },
    throwIfInterrupted() {
      if (exitCode !== null) throw new AppError('cancelled', 'Interrupted')
    },
  }
}

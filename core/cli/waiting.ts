/** Waits for something of the host's, asking often enough to feel immediate and seldom enough to cost nothing. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Interruption } from './interruption.ts'

const everyMs = 300

/**
 * Asks until the answer is final.
 * @param onAnswer sees every answer, for progress.
 * @throws AppError cancelled when a signal comes.
 */
export async function until<T>(
  ask: () => Promise<T>,
  isFinal: (answer: T) => boolean,
  interruption: Interruption,
  onAnswer: (answer: T) => void = () => {},
): Promise<T> {
  for (;;) {
    interruption.throwIfInterrupted()
    const answer = await ask()
    onAnswer(answer)
    if (isFinal(answer)) return answer
    await sleep(everyMs, undefined, { signal: interruption.signal }).catch(() => {})
  }
}

/** Work of the host that takes longer than a turn should, done in slices with everything else between them. */
import { setImmediate } from 'node:timers/promises'

const sliceMs = 6

/** Runs a generator to its end; between slices, others get their turn. */
export async function inTurns<Result>(work: Generator<undefined, Result, undefined>): Promise<Result> {
  let startedMs = performance.now()
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
    if (performance.now() - startedMs < sliceMs) continue
    await setImmediate()
    startedMs = performance.now()
  }
}

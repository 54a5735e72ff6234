/** Times a computation again and again. */
import { slice } from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { spreadOf } from './statistics.ts'

/**
 * Median milliseconds of a computation.
 * @param probe any tensor: one of its values is read after each run, so that a device that computes by itself has finished.
 * @param budgetMs for how long to repeat, after one unmeasured run; at least three times.
 */
export async function medianMs(run: () => void, probe: Tensor, budgetMs: number): Promise<number> {
  const settle = async (): Promise<void> => {
    const one = slice(probe, new Array<number>(probe.rank).fill(0), new Array<number>(probe.rank).fill(1))
    await one.data()
    one.dispose()
  }
  run()
  await settle()
  const times: number[] = []
  const endMs = performance.now() + budgetMs
  while (times.length < 3 || performance.now() < endMs) {
    const startedMs = performance.now()
    run()
    await settle()
    times.push(performance.now() - startedMs)
  }
  return spreadOf(times).median
}

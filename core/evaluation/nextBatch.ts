/** Waits for data without turning a deaf ear. */
import type { Batch, Loader } from '../data/index.ts'

/** How often the wait asks whether to go on. */
const askMs = 250

/**
 * The next batch, or null after the last; 'given-up' as soon as `isCancelled` says so, so that images on a disk that has stopped
 * answering do not keep a run from ending. The loader is then good for nothing but to be closed.
 */
export async function nextBatch(
  loader: Loader,
  isCancelled: () => boolean,
): Promise<Batch | null | 'given-up'> {
  const batch = loader.next()
  batch.catch(() => {}) // nobody listens any more once the wait was given up
  let timer: NodeJS.Timeout | undefined
  const givenUp = new Promise<'given-up'>((resolve, reject) => {
    timer = setInterval(() => {
      try {
        if (isCancelled()) resolve('given-up')
      } catch (thrown) {
        reject(thrown as Error)
      }
    }, askMs)
  })
  try {
    return await Promise.race([batch, givenUp])
  } finally {
    clearInterval(timer)
  }
}

/** Predictions that a worker has joined lately, so that a page of images does not read files each time. */
import { stat } from 'node:fs/promises'
import { readColumns } from '../evaluation/comparisonFile.ts'
import { joinPredictions, type JoinedPredictions } from '../evaluation/comparisonPredictions.ts'

const kept = 3

/** The least recently used first. */
const joins = new Map<string, Promise<JoinedPredictions>>()

/** @throws AppError not-found or data-invalid of a file. */
export async function joinedPredictions(paths: readonly string[]): Promise<JoinedPredictions> {
  const marks = await Promise.all(
    paths.map(path =>
      stat(path).then(
        ({ mtimeMs, size }) => `${path} ${mtimeMs} ${size}`,
        () => path,
      ),
    ),
  )
  const key = marks.join('\n')
  const made = joins.get(key) ?? Promise.all(paths.map(readColumns)).then(joinPredictions)
  joins.delete(key)
  joins.set(key, made)
  for (const oldest of joins.keys()) {
    if (joins.size <= kept) break
    joins.delete(oldest)
  }
  try {
    return await made
  } catch (thrown) {
    joins.delete(key)
    throw thrown
  }
}

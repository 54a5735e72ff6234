/** Evaluations that a worker has read lately, and what it made of them, so that a page of images or a curve comes at once. */
import { stat } from 'node:fs/promises'
import { readColumns, type PredictionColumns } from '../evaluation/comparisonFile.ts'
import { topCount, type Predictions } from '../evaluation/predictions.ts'
import { readPredictions } from '../evaluation/predictionsFile.ts'
import { study, type Study } from '../evaluation/study.ts'

/** Whole files may have logits of 256 MB; the other parts are small. */
const [keptWhole, keptParts] = [1, 8]

const whole = new Map<string, Promise<Predictions>>()
const columns = new Map<string, Promise<PredictionColumns>>()
const studies = new Map<string, Promise<Study>>()

/** @throws AppError not-found or data-invalid of the file. */
export async function keptPredictions(path: string): Promise<Predictions> {
  return kept(whole, await keyOf(path), keptWhole, () => readPredictions(path))
}

/** Everything but the logits. @throws as keptPredictions. */
export async function keptColumns(path: string): Promise<PredictionColumns> {
  const key = await keyOf(path)
  const read = whole.get(key)
  if (read) return { ...(await read), topCount }
  return kept(columns, key, keptParts, () => readColumns(path))
}

/** @throws as keptPredictions. */
export async function keptStudy(
  path: string,
  progress: (done: number, total: number) => void,
): Promise<Study> {
  return kept(studies, await keyOf(path), keptParts, async () => {
    const predictions = await keptPredictions(path)
    return study(predictions, done => progress(done, predictions.classCount))
  })
}

/** A file that was written anew is another one. */
function keyOf(path: string): Promise<string> {
  return stat(path).then(
    ({ mtimeMs, size }) => `${path} ${mtimeMs} ${size}`,
    () => path,
  )
}

/** The least recently used goes first; what failed is made again. */
async function kept<T>(
  held: Map<string, Promise<T>>,
  key: string,
  most: number,
  make: () => Promise<T>,
): Promise<T> {
  const made = held.get(key) ?? make()
  held.delete(key)
  held.set(key, made)
  for (const oldest of held.keys()) {
    if (held.size <= most) break
    held.delete(oldest)
  }
  try {
    return await made
  } catch (thrown) {
    held.delete(key)
    throw thrown
  }
}

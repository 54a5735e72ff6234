/** What a network said of every image of a split: gathered batch by batch, and kept with as many logits as fit. */
import type { Judged } from './classifyViews.ts'

/** Classes that are kept of each image, likeliest first. */
export const topCount = 5

/** Logits that are kept at most, in bytes. */
export const mostLogitBytes = 256 * 1024 * 1024

/** Rows stand in the order of their images in the split. */
export interface Predictions {
  readonly count: number
  readonly classCount: number
  /** Index of each image in its split, ascending, [count]. */
  readonly index: Int32Array
  /** Its true class, [count]. */
  readonly label: Int32Array
  /** Likeliest classes first, −1 where there are no more classes, [count, 5]. */
  readonly top: Int32Array
  /** Their probabilities, 0 to 1, [count, 5]. */
  readonly probability: Float32Array
  /** Cross-entropy of each image without label smoothing, [count]. */
  readonly loss: Float32Array
  /** Logits, or logarithms of mean probabilities over several views, [count, classCount]; null where they would not fit. */
  readonly logits: Float32Array | null
}

export interface PredictionTally {
  add(judged: Judged): void
  value(): Predictions
}

interface Row {
  readonly index: number
  readonly label: number
  readonly top: readonly number[]
  readonly probability: readonly number[]
  readonly loss: number
}

/** @param mostBytes of logits; all are dropped once there are more */
export function createPredictions(classCount: number, mostBytes = mostLogitBytes): PredictionTally {
  const rows: Row[] = []
  let kept: Float32Array[] | null = []
  return {
    add({ logits, labels, indices }) {
      labels.forEach((label, image) => {
        const own = logits.subarray(image * classCount, (image + 1) * classCount)
        rows.push({ index: indices[image]!, label, ...judgedRow(own, label) })
        kept?.push(own.slice())
      })
      if (rows.length * classCount * 4 > mostBytes) kept = null
    },
    value: () => assembled(rows, kept, classCount),
  }
}

/** Softmax in double precision; the classes of one logit stand in their own order. */
export function judgedRow(logits: Float32Array, label: number): Omit<Row, 'index' | 'label'> {
  const top = bestClasses(logits, topCount)
  const largest = logits[top[0] ?? 0] ?? 0
  let sum = 0
  for (const logit of logits) sum += Math.exp(logit - largest)
  const logOfSum = Math.log(sum) + largest
  return {
    top,
    probability: top.map(k => Math.exp(logits[k]! - logOfSum)),
    loss: logOfSum - logits[label]!,
  }
}

function bestClasses(logits: Float32Array, most: number): number[] {
  const best: number[] = []
  for (let k = 0; k < logits.length; k++) {
    let at = best.length
    while (at > 0 && logits[best[at - 1]!]! < logits[k]!) at--
    if (at >= most) continue
    best.splice(at, 0, k)
    if (best.length > most) best.pop()
  }
  return best
}

function assembled(
  rows: readonly Row[],
  kept: readonly Float32Array[] | null,
  classCount: number,
): Predictions {
  const count = rows.length
  const order = rows.map((_, at) => at).sort((a, b) => rows[a]!.index - rows[b]!.index)
  const top = new Int32Array(count * topCount).fill(-1)
  const probability = new Float32Array(count * topCount)
  const logits = kept && new Float32Array(count * classCount)
  order.forEach((from, at) => {
    top.set(rows[from]!.top, at * topCount)
    probability.set(rows[from]!.probability, at * topCount)
    logits?.set(kept![from]!, at * classCount)
  })
  return {
    ...{ count, classCount, top, probability, logits },
    index: Int32Array.from(order, from => rows[from]!.index),
    label: Int32Array.from(order, from => rows[from]!.label),
    loss: Float32Array.from(order, from => rows[from]!.loss),
  }
}

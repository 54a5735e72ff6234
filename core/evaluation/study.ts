/** An evaluation from all sides, from its predictions: classes, what is taken for what, calibration, and what doubt would save. */
import { byMass, byWidth, errorAt, firstClasses, fitTemperature, type Reliability } from './calibration.ts'
import { classScores, logSums } from './classScores.ts'
import { confusionOrder } from './confusionOrder.ts'
import { precisionRecall, type PrecisionRecall } from './precisionRecall.ts'
import { topCount, type Predictions } from './predictions.ts'

export interface StudiedClass {
  readonly label: number
  readonly imageCount: number
  /** Images that are taken for it. */
  readonly predictedCount: number
  readonly rightCount: number
  /** Shares, NaN where nothing is counted. */
  readonly precision: number
  readonly recall: number
  readonly f1: number
  readonly averagePrecision: number
  /** Mean cross-entropy of its images. */
  readonly loss: number
}

export interface Study {
  readonly imageCount: number
  readonly hasLogits: boolean
  readonly classes: readonly StudiedClass[]
  /** True class, predicted class, count, one after the other, of pairs that occur. */
  readonly cells: Int32Array
  /** Classes so that those taken for each other are neighbours. */
  readonly order: Int32Array
  readonly byWidth: Reliability
  readonly byMass: Reliability
  /** The temperature that would calibrate best, and the error that would be left; null without logits. */
  readonly temperature: { readonly value: number; readonly ece: number } | null
  /** Share of images that are kept and accuracy among them, as the least probability rises. */
  readonly coverage: readonly {
    readonly share: number
    readonly accuracy: number
    readonly threshold: number
  }[]
}

/** Classes whose scores are gathered in one pass. */
const together = 32
const mostPoints = 400

/** @param progress is told of classes that are done. */
export function study(predictions: Predictions, progress: (done: number) => void = () => {}): Study {
  const { count, classCount, logits } = predictions
  const cells = confusionCells(predictions)
  const { confidence, isRight } = firstClasses(predictions)
  const precisions = new Float64Array(classCount)
  const sums = logits === null ? null : logSums(predictions, logits)
  const own = rowsOf(predictions)
  for (let first = 0; first < classCount; first += together) {
    const end = Math.min(classCount, first + together)
    const scores = classScores(predictions, sums, first, end)
    for (let label = first; label < end; label++) {
      const from = (label - first) * count
      precisions[label] = precisionRecall(scores.subarray(from, from + count), own[label]!).averagePrecision
    }
    progress(end)
  }
  const value = fitTemperature(predictions)
  return {
    imageCount: count,
    hasLogits: logits !== null,
    classes: studiedClasses(predictions, cells, precisions),
    cells,
    order: confusionOrder(cells, classCount),
    byWidth: byWidth(confidence, isRight),
    byMass: byMass(confidence, isRight),
    temperature:
      value === null || logits === null ? null : { value, ece: errorAt(predictions, logits, value) },
    coverage: coverageOf(confidence, isRight),
  }
}

export interface ClassCurves {
  readonly label: number
  readonly averagePrecision: number
  /** By falling threshold, 400 points at most. */
  readonly points: readonly {
    readonly threshold: number
    readonly precision: number
    readonly recall: number
  }[]
  /** Probability of the class against the share of images that are of it. */
  readonly reliability: Reliability
}

/** Curves of one class. */
export function classCurves(predictions: Predictions, label: number): ClassCurves {
  const sums = predictions.logits === null ? null : logSums(predictions, predictions.logits)
  const raw = classScores(predictions, sums, label, label + 1)
  const scores = sums === null ? raw : raw.map(Math.exp)
  const curve = precisionRecall(scores, rowsOf(predictions)[label]!)
  return {
    ...{ label, averagePrecision: curve.averagePrecision },
    points: thinned(curve),
    reliability: byWidth(scores, row => predictions.label[row] === label),
  }
}

/** Images of every class. */
function rowsOf({ classCount, label }: Predictions): number[][] {
  const rows = Array.from({ length: classCount }, (): number[] => [])
  label.forEach((own, row) => rows[own]!.push(row))
  return rows
}

/** Spread evenly over the recall, with both ends. */
function thinned({ thresholds, precision, recall }: PrecisionRecall): ClassCurves['points'] {
  const last = thresholds.length - 1
  const every = Math.max(1, last / (mostPoints - 1))
  const places = new Set(
    Array.from({ length: Math.min(mostPoints, last + 1) }, (_, at) => Math.min(last, Math.round(at * every))),
  )
  return [...places].map(at => ({
    threshold: thresholds[at]!,
    precision: precision[at]!,
    recall: recall[at]!,
  }))
}

/** Pairs of true and predicted class that occur, by their class. */
function confusionCells({ count, classCount, label, top }: Predictions): Int32Array {
  const counts = new Map<number, number>()
  for (let row = 0; row < count; row++) {
    const pair = label[row]! * classCount + top[row * topCount]!
    counts.set(pair, (counts.get(pair) ?? 0) + 1)
  }
  const pairs = Float64Array.from(counts.keys()).sort()
  const cells = new Int32Array(pairs.length * 3)
  pairs.forEach((pair, at) =>
    cells.set([Math.floor(pair / classCount), pair % classCount, counts.get(pair)!], at * 3),
  )
  return cells
}

function studiedClasses(
  { count, classCount, label, loss }: Predictions,
  cells: Int32Array,
  precisions: Float64Array,
): StudiedClass[] {
  const [images, taken, right, losses] = Array.from({ length: 4 }, () => new Float64Array(classCount)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  for (let at = 0; at < cells.length; at += 3) {
    const [truth, predicted, cellCount] = [cells[at]!, cells[at + 1]!, cells[at + 2]!]
    images[truth]! += cellCount
    taken[predicted]! += cellCount
    if (truth === predicted) right[truth] = cellCount
  }
  for (let row = 0; row < count; row++) losses[label[row]!]! += loss[row]!
  return Array.from(images, (imageCount, own) => ({
    ...{ label: own, imageCount, predictedCount: taken[own]!, rightCount: right[own]! },
    precision: right[own]! / taken[own]!,
    recall: right[own]! / imageCount,
    f1: (2 * right[own]!) / (imageCount + taken[own]!),
    averagePrecision: precisions[own]!,
    loss: losses[own]! / imageCount,
  }))
}

/** @source El-Yaniv and Wiener 2010, On the Foundations of Noise-free Selective Classification: accuracy against coverage. */
function coverageOf(confidence: Float64Array, isRight: (row: number) => boolean): Study['coverage'] {
  const order = Array.from(confidence, (_, row) => row).sort(
    (a, b) => confidence[b]! - confidence[a]! || a - b,
  )
  let right = 0
  const all = order.map((row, at) => {
    if (isRight(row)) right++
    return { share: (at + 1) / order.length, accuracy: right / (at + 1), threshold: confidence[row]! }
  })
  // Images of one probability are kept or left together.
  const whole = all.filter((each, at) => all[at + 1]?.threshold !== each.threshold)
  const every = Math.max(1, (whole.length - 1) / (mostPoints - 1))
  const places = new Set(
    Array.from({ length: Math.min(mostPoints, whole.length) }, (_, at) =>
      Math.min(whole.length - 1, Math.round(at * every)),
    ),
  )
  return [...places].map(at => whole[at]!)
}

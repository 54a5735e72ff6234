/** What a model sees on single images. */
import { itemPreparer } from '../../data/prepareItem.ts'
import type { Split } from '../../datasets/shared/reader.ts'
import { AppError } from '../../errors/index.ts'
import type { ExportWatcher } from '../writeParts.ts'
import { openClassifier, type Classifier, type ClassifierOptions } from './classifier.ts'

export interface PredictOrder extends ClassifierOptions {
  /** Folder of a checkpoint or an export. */
  readonly modelPath: string
  readonly images: Split
  /** Which of the images; all when left out. */
  readonly indices?: readonly number[]
  /** How many classes to name, the likeliest first. */
  readonly top: number
}

export interface PredictedClass {
  readonly name: string
  readonly index: number
  /** Softmax, from 0 to 1. */
  readonly probability: number
}

export interface Prediction {
  readonly image: string
  /** Why the image cannot be used; null when it can. */
  readonly problem: string | null
  /** Likeliest first; empty for an image that cannot be used. */
  readonly classes: readonly PredictedClass[]
}

export interface Predictions {
  readonly network: string
  readonly weights: 'ema' | 'raw'
  readonly classCount: number
  readonly predictions: readonly Prediction[]
}

/** Images computed together. */
const batchSize = 16

/**
 * Prepares images as the run's evaluation does and classifies them. Images that cannot be used are told and the others go on.
 * @throws AppError of opening the model; cancelled.
 */
export async function predict(order: PredictOrder, watcher: ExportWatcher): Promise<Predictions> {
  watcher.progress('loading', 0, 0)
  const classifier = await openClassifier(order.modelPath, order)
  try {
    const indices = order.indices ?? Array.from({ length: order.images.count }, (_, index) => index)
    const predictions: Prediction[] = []
    for (let begin = 0; begin < indices.length; begin += batchSize) {
      watcher.throwIfCancelled()
      predictions.push(...(await predictBatch(classifier, order, indices.slice(begin, begin + batchSize))))
      watcher.progress('predicting', predictions.length, indices.length)
    }
    const { network, weights, classes } = classifier
    return { network, weights, classCount: classes.length, predictions }
  } finally {
    await classifier.close()
  }
}

async function predictBatch(
  classifier: Classifier,
  { images, top }: PredictOrder,
  indices: readonly number[],
): Promise<Prediction[]> {
  const { input, transforms, classes } = classifier
  const prepare = itemPreparer({ ...input, transforms, seed: 0 }, images)
  const size = input.height * input.width * input.channels
  const pixels = new Uint8Array(indices.length * size)
  const problems: (string | null)[] = []
  let count = 0
  for (const index of indices) {
    // A bad image leaves its place to the next one.
    const place = pixels.subarray(count * size, (count + 1) * size)
    const problem = await prepare({ index, epoch: 0, copy: 0 }, place)
    problems.push(problem)
    if (problem === null) count++
  }
  const logits =
    count === 0 ? new Float32Array(0) : await classifier.logits(pixels.subarray(0, count * size), count)
  if (logits.length !== count * classes.length) {
    const message = `the model gives ${logits.length / count} classes for an image, and ${classes.length} are named`
    throw new AppError('checkpoint-mismatch', message, {
      expected: classes.length,
      got: logits.length / count,
    })
  }
  let at = 0
  return indices.map((index, position) => {
    const problem = problems[position]!
    if (problem !== null) return { image: images.name(index), problem, classes: [] }
    const own = logits.subarray(at * classes.length, ++at * classes.length)
    return { image: images.name(index), problem: null, classes: likeliest(own, classes, top) }
  })
}

function likeliest(logits: Float32Array, classes: readonly string[], top: number): PredictedClass[] {
  const largest = logits.reduce((max, value) => Math.max(max, value), -Infinity)
  const powers = Float64Array.from(logits, value => Math.exp(value - largest))
  const sum = powers.reduce((total, value) => total + value, 0)
  const order = classes.map((_, index) => index).sort((a, b) => logits[b]! - logits[a]! || a - b)
  return order
    .slice(0, top)
    .map(index => ({ name: classes[index]!, index, probability: powers[index]! / sum }))
}

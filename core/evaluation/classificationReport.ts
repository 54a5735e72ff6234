/** A classification in detail: by class, which is taken for which, and how far probabilities can be trusted. */
import { AppError } from '../errors/index.ts'
import { metrics } from '../metrics/index.ts'
import type { Predictions } from '../metrics/shared/metric.ts'

/** Images whose first class has a probability in one range. */
export interface CalibrationBin {
  readonly imageCount: number
  /** Mean probability of the first class; NaN in an empty bin. */
  readonly confidence: number
  /** Share of them that is right; NaN in an empty bin. */
  readonly accuracy: number
}

export interface ClassFigures {
  readonly imageCount: number
  /** Share of the class's images taken for it, also called recall; NaN for a class without images. */
  readonly top1: number
  /** Share of what is taken for the class that is of it; NaN where nothing is. */
  readonly precision: number
  /** Harmonic mean of both; 0 where neither an image nor a prediction is right, NaN where there are none. */
  readonly f1: number
}

export interface ClassificationReport {
  readonly top1: number
  readonly top5: number
  /** Mean cross-entropy without label smoothing. */
  readonly loss: number
  /** Of every class, [classCount]. */
  readonly perClass: readonly ClassFigures[]
  /** Images by true class (row) and predicted class (column), [classCount · classCount]. */
  readonly confusion: Uint32Array
  /** Expected calibration error: mean gap between probability and accuracy, weighted by images. */
  readonly ece: number
  /** Probabilities from 0 to 1 in equal steps. */
  readonly bins: readonly CalibrationBin[]
}

export interface ReportTally {
  /** @throws AppError data-invalid for a label that is none of the classes. */
  add(predictions: Predictions): void
  value(): ClassificationReport
}

/**
 * Adds up batches, in double precision, so that the figures do not depend on how images are batched. The predicted class is the first
 * of those with the highest logit.
 * @source Guo et al. 2017, On Calibration of Modern Neural Networks: 15 bins of equal width.
 */
export function createReport(classCount: number, binCount = 15): ReportTally {
  const figures = {
    top1: metrics.create({ name: 'top1' }),
    top5: metrics.create({ name: 'top5' }),
    loss: metrics.create({ name: 'loss' }),
  }
  const confusion = new Uint32Array(classCount * classCount)
  const bins = Array.from({ length: binCount }, () => ({ count: 0, confidence: 0, right: 0 }))
  const addImage = (logits: Float32Array, label: number): void => {
    const { predicted, probability } = firstOf(logits)
    confusion[label * classCount + predicted]!++
    // Bins are closed above, as in the paper.
    const bin = bins[Math.min(binCount - 1, Math.max(0, Math.ceil(probability * binCount) - 1))]
    if (!bin || Number.isNaN(probability)) return
    bin.count++
    bin.confidence += probability
    if (predicted === label) bin.right++
  }
  return {
    add(predictions) {
      const { logits, labels } = predictions
      checkLabels(labels, classCount)
      for (const metric of Object.values(figures)) metric.add(predictions)
      labels.forEach((label, image) =>
        addImage(logits.subarray(image * classCount, (image + 1) * classCount), label),
      )
    },
    value() {
      const imageCount = bins.reduce((sum, { count }) => sum + count, 0)
      const gap = bins.reduce((sum, { confidence, right }) => sum + Math.abs(confidence - right), 0)
      return {
        top1: figures.top1.value(),
        top5: figures.top5.value(),
        loss: figures.loss.value(),
        perClass: figuresByClass(confusion, classCount),
        confusion,
        ece: gap / imageCount,
        bins: bins.map(({ count, confidence, right }) => ({
          imageCount: count,
          confidence: confidence / count,
          accuracy: right / count,
        })),
      }
    },
  }
}

/** @throws AppError data-invalid naming the first label that is out of range. */
export function checkLabels(labels: Int32Array, classCount: number): void {
  const wrong = labels.find(label => label < 0 || label >= classCount)
  if (wrong === undefined) return
  const message = `Evaluation: expected labels from 0 to ${classCount - 1}, got ${wrong}. Use a data set with the classes of the checkpoint`
  throw new AppError('data-invalid', message, { value: wrong, classCount })
}

function firstOf(logits: Float32Array): { readonly predicted: number; readonly probability: number } {
  let predicted = 0
  for (let k = 1; k < logits.length; k++) if (logits[k]! > logits[predicted]!) predicted = k
  const sum = logits.reduce((total, z) => total + Math.exp(z - logits[predicted]!), 0)
  return { predicted, probability: 1 / sum }
}

function figuresByClass(confusion: Uint32Array, classCount: number): ClassFigures[] {
  const taken = new Float64Array(classCount)
  confusion.forEach((count, at) => (taken[at % classCount]! += count))
  return Array.from(taken, (predictedCount, label) => {
    const row = confusion.subarray(label * classCount, (label + 1) * classCount)
    const imageCount = row.reduce((sum, count) => sum + count, 0)
    const right = row[label]!
    const f1 = (2 * right) / (imageCount + predictedCount)
    return { imageCount, top1: right / imageCount, precision: right / predictedCount, f1 }
  })
}

/** How far an evaluation's probabilities can be trusted: reliability, its errors, and the temperature that would mend it. */
import { logSum } from './classScores.ts'
import { topCount, type Predictions } from './predictions.ts'

export interface ReliabilityBin {
  /** Probabilities above `low` up to `high`. */
  readonly low: number
  readonly high: number
  readonly imageCount: number
  /** Mean probability; NaN in an empty bin. */
  readonly confidence: number
  /** Share that is right; NaN in an empty bin. */
  readonly accuracy: number
}

export interface Reliability {
  readonly bins: readonly ReliabilityBin[]
  /** Expected calibration error: mean gap between probability and accuracy, weighted by images, 0 to 1. */
  readonly ece: number
  /** The largest gap of any bin. */
  readonly mce: number
}

export const reliabilityBins = 15

/**
 * Bins of equal width, closed above.
 * @param confidence probabilities from 0 to 1, [count]
 * @source Guo et al. 2017, On Calibration of Modern Neural Networks.
 */
export function byWidth(
  confidence: Float64Array,
  isRight: (at: number) => boolean,
  binCount = reliabilityBins,
): Reliability {
  const binOf = (value: number): number =>
    Math.min(binCount - 1, Math.max(0, Math.ceil(value * binCount) - 1))
  const order = Array.from({ length: binCount }, (): number[] => [])
  confidence.forEach((value, at) => order[binOf(value)]!.push(at))
  return summed(
    order.map((places, bin) => ({ low: bin / binCount, high: (bin + 1) / binCount, places })),
    confidence,
    isRight,
  )
}

/** Bins of as many images each, as the adaptive calibration error has them. @source Nixon et al. 2019, Measuring Calibration in Deep Learning. */
export function byMass(
  confidence: Float64Array,
  isRight: (at: number) => boolean,
  binCount = reliabilityBins,
): Reliability {
  const order = Array.from(confidence, (_, at) => at).sort((a, b) => confidence[a]! - confidence[b]! || a - b)
  const length = Math.min(binCount, order.length)
  const edge = (bin: number): number => Math.round((bin * order.length) / length)
  const bins = Array.from({ length }, (_, bin) => {
    const places = order.slice(edge(bin), edge(bin + 1))
    return { low: confidence[places[0]!]!, high: confidence[places.at(-1)!]!, places }
  })
  return summed(bins, confidence, isRight)
}

function summed(
  bins: readonly { readonly low: number; readonly high: number; readonly places: readonly number[] }[],
  confidence: Float64Array,
  isRight: (at: number) => boolean,
): Reliability {
  const made = bins.map(({ low, high, places }): ReliabilityBin => {
    const imageCount = places.length
    const mean = places.reduce((sum, at) => sum + confidence[at]!, 0) / imageCount
    return { low, high, imageCount, confidence: mean, accuracy: places.filter(isRight).length / imageCount }
  })
  const full = made.filter(({ imageCount }) => imageCount > 0)
  const gap = ({ confidence, accuracy }: ReliabilityBin): number => Math.abs(confidence - accuracy)
  const total = full.reduce((sum, bin) => sum + bin.imageCount * gap(bin), 0)
  return {
    bins: made,
    ece: total / confidence.length,
    mce: full.length > 0 ? Math.max(...full.map(gap)) : NaN,
  }
}

/** Probability of the first class of every image, and whether it is the true one. */
export function firstClasses({ count, top, probability, label }: Predictions) {
  return {
    confidence: Float64Array.from({ length: count }, (_, row) => probability[row * topCount]!),
    isRight: (row: number): boolean => top[row * topCount] === label[row],
  }
}

/** Most logits that a temperature is fitted to: more do not change it. */
const mostFitted = 500_000

/**
 * The temperature by which logits are divided for the least cross-entropy on these images; null without logits, or where nothing is
 * wrong or right and there is no least.
 * @source Guo et al. 2017, section 4.2.
 */
export function fitTemperature({ count, classCount, logits, label }: Predictions): number | null {
  if (logits === null || count === 0 || classCount < 2) return null
  const every = Math.max(1, Math.ceil((count * classCount) / mostFitted))
  const crossEntropy = (logTemperature: number): number => {
    const scale = Math.exp(-logTemperature)
    let sum = 0
    for (let row = 0; row < count; row += every) {
      const from = row * classCount
      sum += logSum(logits, from, classCount, scale) - logits[from + label[row]!]! * scale
    }
    return sum
  }
  // In the logarithm of the temperature there is one least; golden section finds it.
  const golden = (Math.sqrt(5) - 1) / 2
  const [lowest, highest] = [Math.log(0.02), Math.log(50)]
  let [low, high] = [lowest, highest]
  let [a, b] = [high - golden * (high - low), low + golden * (high - low)]
  let [atA, atB] = [crossEntropy(a), crossEntropy(b)]
  while (high - low > 1e-5) {
    if (atA < atB) {
      ;[high, b, atB] = [b, a, atA]
      a = high - golden * (high - low)
      atA = crossEntropy(a)
    } else {
      ;[low, a, atA] = [a, b, atB]
      b = low + golden * (high - low)
      atB = crossEntropy(b)
    }
  }
  const found = (low + high) / 2
  const isAtEdge = found - lowest < 1e-3 || highest - found < 1e-3
  return isAtEdge || !Number.isFinite(found) ? null : Math.exp(found)
}

/** Logits from which the error at a temperature is measured, at most. */
const mostJudged = 10_000_000

/** Expected calibration error at a temperature, of all images or as many as can be judged soon; the first class stays the same. */
export function errorAt(predictions: Predictions, logits: Float32Array, temperature: number): number {
  const { count, classCount, top } = predictions
  const { isRight } = firstClasses(predictions)
  const every = Math.max(1, Math.ceil((count * classCount) / mostJudged))
  const scale = 1 / temperature
  const confidence = Float64Array.from({ length: Math.ceil(count / every) }, (_, at) => {
    const row = at * every
    const from = row * classCount
    return Math.exp(logits[from + top[row * topCount]!]! * scale - logSum(logits, from, classCount, scale))
  })
  return byWidth(confidence, at => isRight(at * every)).ece
}

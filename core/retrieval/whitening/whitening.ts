/** PCA whitening of embeddings, and the classifier that goes with it. */
import * as tf from '@tensorflow/tfjs-core'
import { AppError } from '../../errors/index.ts'
import { normalised, unitLength, type Projection } from '../normalise.ts'
import { product } from '../product.ts'
import type { Principal } from './principal.ts'

/** v = (ê − m)·P. */
export interface Whitening {
  /** Width of ê, which is one more than that of the embeddings where a 1 is appended. */
  readonly width: number
  readonly appendsOne: boolean
  /** m, [width] */
  readonly mean: Float64Array
  /** √variance along each component, [width]. */
  readonly deviations: Float64Array
  /** One component a row, [width, width]. */
  readonly components: Float64Array
}

/** Least variance relative to the largest: directions with less are noise, and dividing by none of it would leave nothing else. */
const leastShare = 1e-9

/** @source Berman et al. 2019, MultiGrain, section 4.3; PCA whitening with the constant appended. */
export function whiteningOf({ mean, variances, components }: Principal, appendsOne: boolean): Whitening {
  const largest = variances[0] ?? 0
  if (!(largest > 0)) {
    const message =
      'Whitening: all embeddings are the same, so that nothing can be whitened. Learn from other images'
    throw new AppError('data-invalid', message)
  }
  const deviations = variances.map(variance => Math.sqrt(Math.max(variance, largest * leastShare)))
  return { width: mean.length, appendsOne, mean, deviations, components }
}

/** What is whitened: ê, the embedding of unit length, after a 1 was appended where it is to be. */
export function beforeWhitening(appendsOne: boolean): typeof unitLength {
  if (!appendsOne) return unitLength
  return { width: from => from + 1, apply: (rows, width) => normalised(withOne(rows, width), width + 1) }
}

/** From embeddings to whitened ones of unit length. */
export function whitened(whitening: Whitening): Projection {
  const { width } = whitening
  const before = beforeWhitening(whitening.appendsOne)
  return {
    width: from => {
      if (before.width(from) === width) return width
      const message = `Whitening: it was learned for embeddings of ${width - (whitening.appendsOne ? 1 : 0)} values, got ${from}`
      throw new AppError('invalid-request', message, { expected: width, got: from })
    },
    apply: async (rows, from) =>
      normalised(await onBackend(whitening, await before.apply(rows, from)), width),
  }
}

/** v on the backend: a whole pass over a large set by `whiten` would take hours. */
async function onBackend(
  { width, mean, deviations, components }: Whitening,
  rows: Float32Array,
): Promise<Float32Array> {
  const centred = rows.map((value, at) => value - mean[at % width]!)
  const scaled = Float32Array.from(components, (value, at) => value / deviations[Math.floor(at / width)]!)
  const v = tf.tidy(() => {
    const projection = tf.transpose(tf.tensor2d(scaled, [width, width])) // [C,C]
    return product(tf.tensor2d(centred, [rows.length / width, width]), projection) // [n,C]
  })
  const values = (await v.data()) as Float32Array
  v.dispose()
  return values
}

/** v = (ê − m)·P of rows [n, width], in double precision. */
export function whiten({ width, mean, deviations, components }: Whitening, rows: Float32Array): Float32Array {
  const out = new Float32Array(rows.length)
  const centred = new Float64Array(width)
  for (let start = 0; start < rows.length; start += width) {
    for (let c = 0; c < width; c++) centred[c] = rows[start + c]! - mean[c]!
    for (let j = 0; j < width; j++) {
      let sum = 0
      for (let c = 0, at = j * width; c < width; c++, at++) sum += components[at]! * centred[c]!
      out[start + j] = sum / deviations[j]!
    }
  }
  return out
}

export interface Classifier {
  /** [classCount, width of the embedding] */
  readonly weight: ArrayLike<number>
  /** [classCount] */
  readonly bias: ArrayLike<number>
}

/**
 * The classifier of whitened embeddings: W' = [W b]·(Pᵀ)⁻¹ and b' = [W b]·m, so that W'·v + b' = [W b]·ê. As the bias is inside, unit
 * length scales an image's logits alike, and its class stays.
 * @throws AppError invalid-request for a whitening without the appended 1, which has no place for the bias.
 */
export function foldClassifier(
  { weight, bias }: Classifier,
  { width, appendsOne, mean, deviations, components }: Whitening,
): { readonly weight: Float64Array; readonly bias: Float64Array } {
  if (!appendsOne || weight.length !== bias.length * (width - 1)) {
    const message = `Whitening: the classifier takes ${weight.length / bias.length} values; expected ${width - 1} and an appended 1`
    throw new AppError('invalid-request', message, { expected: width - 1, got: weight.length / bias.length })
  }
  const folded = new Float64Array(bias.length * width)
  const foldedBias = new Float64Array(bias.length)
  for (let k = 0; k < bias.length; k++) {
    const row = Float64Array.from({ length: width }, (_, c) =>
      c < width - 1 ? weight[k * (width - 1) + c]! : bias[k]!,
    )
    foldedBias[k] = dot(row, mean, 0, width)
    for (let j = 0; j < width; j++)
      folded[k * width + j] = deviations[j]! * dot(row, components, j * width, width)
  }
  return { weight: folded, bias: foldedBias }
}

function dot(row: Float64Array, other: Float64Array, from: number, width: number): number {
  let sum = 0
  for (let c = 0; c < width; c++) sum += row[c]! * other[from + c]!
  return sum
}

function withOne(rows: Float32Array, width: number): Float32Array {
  const count = rows.length / width
  const out = new Float32Array(count * (width + 1)).fill(1)
  for (let row = 0; row < count; row++)
    out.set(rows.subarray(row * width, (row + 1) * width), row * (width + 1))
  return out
}

/** Weights, images and sketches by formula: the same bits as test/parity/fixtures/formula.py. */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import type { Executor } from '../../core/graph/index.ts'

/** Images [B, H, W, C] of variance 1. */
export function formulaImages(seed: number, shape: [number, number, number, number]): Tensor4D {
  const draw = uniform(`${seed}/images`)
  const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => draw(i) * Math.sqrt(3))
  return tf.tensor4d(values, shape)
}

export function formulaLabels(count: number, classes: number): number[] {
  return Array.from({ length: count }, (_, i) => (7 * i + 3) % classes)
}

/** Sets every parameter and buffer of an executor. */
export function fillByFormula(executor: Executor, seed: number): void {
  for (const table of [executor.parameters, executor.buffers]) {
    for (const name of table.names()) {
      const { shape } = table.get(name)
      table.set(name, tf.tensor(fromTorchOrder(formulaValue(seed, name, torchShape(shape)), shape), shape))
    }
  }
}

/** Value of a tensor in torch's order. */
export function formulaValue(seed: number | string, name: string, shape: readonly number[]): Float32Array {
  const draw = uniform(`${seed}/${name}`)
  const values = new Float32Array(sizeOf(shape))
  const of = valueOf(name, shape)
  for (let i = 0; i < values.length; i++) values[i] = of(draw(i))
  return values
}

/** Values of a tensor [..., in, out] (row-major) in torch's order [out, in, ...]. */
export function toTorchOrder(values: Float32Array, shape: readonly number[]): Float32Array {
  return reorder(values, shape, (out, from, to) => (out[to] = values[from]!))
}

/**
 * Relative L2 error of a tensor against a reference of which only a count sketch and the norm are known.
 *
 * The squared norm of the sketch of an error is an unbiased estimate of the error's own squared norm, with a relative standard
 * deviation of at most √(2 / buckets), 12.5 % with 128 (Charikar, Chen and Farach-Colton 2002; Thorup and Zhang 2004). A
 * tensor with no more values than buckets is kept whole, and its error is exact.
 */
export function sketchedError(
  name: string,
  valuesInTorchOrder: Float32Array,
  reference: { readonly norm: number; readonly sketch: readonly number[] },
): number {
  const ours = sketchOf(name, valuesInTorchOrder, reference.sketch.length)
  const squares = ours.reduce((sum, value, i) => sum + (value - reference.sketch[i]!) ** 2, 0)
  return Math.sqrt(squares) / reference.norm
}

function sketchOf(name: string, values: Float32Array, buckets: number): Float64Array {
  const sums = new Float64Array(buckets)
  if (values.length === buckets) return Float64Array.from(values)
  const start = nameHash(`sketch/${name}`)
  for (let i = 0; i < values.length; i++) {
    const x = mix(start, i)
    sums[(x >>> 1) % buckets]! += x & 1 ? -values[i]! : values[i]!
  }
  return sums
}

function valueOf(name: string, shape: readonly number[]): (u: number) => number {
  if (shape.length > 1) {
    const gain = shape.length === 4 ? 2 : 1
    const bound = Math.sqrt((3 * gain) / sizeOf(shape.slice(1)))
    return u => u * bound
  }
  if (name.endsWith('running_var')) return u => 1 + 0.5 * u
  if (name.endsWith('running_mean') || name.endsWith('bias')) return u => 0.1 * u
  return u => (name.endsWith('bn3.weight') ? 0.5 : 1) * (1 + 0.2 * u)
}

function torchShape(shape: readonly number[]): number[] {
  if (shape.length === 2) return [shape[1]!, shape[0]!]
  return shape.length === 4 ? [shape[3]!, shape[2]!, shape[0]!, shape[1]!] : [...shape]
}

function fromTorchOrder(values: Float32Array, shape: readonly number[]): Float32Array {
  return reorder(values, shape, (out, from, to) => (out[from] = values[to]!))
}

/** Walks a tensor [window, in, out] and gives each place in our order and in torch's, [out, in, window]. */
function reorder(
  values: Float32Array,
  shape: readonly number[],
  move: (out: Float32Array, ours: number, torchs: number) => void,
): Float32Array {
  const out = new Float32Array(values.length)
  const [inputs, outputs] = shape.length > 1 ? [shape.at(-2)!, shape.at(-1)!] : [1, 1]
  const window = values.length / (inputs * outputs)
  if (shape.length < 2) return values.slice()
  let ours = 0
  for (let w = 0; w < window; w++)
    for (let i = 0; i < inputs; i++)
      for (let o = 0; o < outputs; o++) move(out, ours++, (o * inputs + i) * window + w)
  return out
}

/** The i-th number from (-1, 1) of a name. */
function uniform(name: string): (i: number) => number {
  const start = nameHash(name)
  return i => (mix(start, i) + 0.5) / 2 ** 31 - 1
}

/** FNV-1a, 32 bits. */
function nameHash(text: string): number {
  return (
    new TextEncoder()
      .encode(text)
      .reduce((value, byte) => Math.imul(value ^ byte, 0x01000193), 0x811c9dc5) >>> 0
  )
}

/** The finaliser of MurmurHash3. */
function mix(start: number, i: number): number {
  let x = (start + Math.imul(i, 0x9e3779b9)) | 0
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1)
}

/** Values of a tensor in torch's order. */
export function inTorchOrder(tensor: Tensor): Float32Array {
  return toTorchOrder(tensor.dataSync() as Float32Array, tensor.shape)
}

/** A tensor [B, ...] of variance 1 by its name. */
export function formulaInput(name: string, shape: readonly number[]): Tensor {
  const draw = uniform(name)
  return tf.tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => draw(i) * Math.sqrt(3)),
    [...shape],
  )
}

/** A parameter or buffer whose torch shape is given, in our layout. */
export function formulaTensor(seed: number | string, name: string, torchs: readonly number[]): Tensor {
  const shape = ourShape(torchs)
  return tf.tensor(fromTorchOrder(formulaValue(seed, name, torchs), shape), shape)
}

function ourShape(torchs: readonly number[]): number[] {
  if (torchs.length === 2) return [torchs[1]!, torchs[0]!]
  return torchs.length === 4 ? [torchs[2]!, torchs[3]!, torchs[1]!, torchs[0]!] : [...torchs]
}

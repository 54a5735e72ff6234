/** Calls of kernels over many geometries, for comparison with tfjs's plain JavaScript backend. */
import { engine, tensor, tidy } from '@tensorflow/tfjs-core'
import type { NamedAttrMap, NamedTensorMap, Tensor } from '@tensorflow/tfjs-core'
import { startBackend } from '../../core/backend/index.ts'

export interface Call {
  readonly kernel: string
  readonly label: string
  readonly inputs: Readonly<Record<string, Values>>
  readonly attributes?: object
}

export interface Values {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** Normal-like values that depend on the seed alone. */
export function noise(shape: readonly number[], seed: number): Values {
  let state = (seed * 2654435761 + 12345) >>> 0
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const size = shape.reduce((product, length) => product * length, 1)
  const values = Float32Array.from({ length: size }, () => uniform() + uniform() + uniform() - 1.5)
  return { shape, values }
}

/** Runs a kernel on a backend. */
export async function compute(backend: string, call: Call): Promise<Float32Array[]> {
  await startBackend(backend)
  return computeHere(call)
}

/** Runs a kernel on the current backend; checks on the way that it leaves no tensor behind. */
export async function computeHere(call: Call): Promise<Float32Array[]> {
  const before = engine().state.numTensors
  const outputs = tidy(() => {
    const inputs: Record<string, Tensor> = {}
    for (const [name, { shape, values }] of Object.entries(call.inputs))
      inputs[name] = tensor(values, [...shape])
    const made = engine().runKernel(
      call.kernel,
      inputs as NamedTensorMap,
      (call.attributes ?? {}) as NamedAttrMap,
    )
    return Array.isArray(made) ? made : [made]
  })
  const arrays: Float32Array[] = []
  for (const output of outputs) arrays.push(Float32Array.from(await output.data()))
  for (const output of outputs) output.dispose()
  const leaked = engine().state.numTensors - before
  if (leaked !== 0) throw new Error(`${call.label} leaves ${leaked} tensors behind`)
  return arrays
}

/** ‖actual − expected‖₂ / ‖expected‖₂, the largest of all outputs. */
export function largestError(actual: readonly Float32Array[], expected: readonly Float32Array[]): number {
  if (actual.length !== expected.length) return Infinity
  return Math.max(...expected.map((array, index) => relativeError(actual[index]!, array)))
}

function relativeError(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) return Infinity
  let [difference, norm] = [0, 0]
  for (const [index, value] of expected.entries()) {
    difference += (actual[index]! - value) ** 2
    norm += value ** 2
  }
  if (difference === 0) return 0
  return Number.isFinite(difference) ? Math.sqrt(difference / norm) : Infinity
}

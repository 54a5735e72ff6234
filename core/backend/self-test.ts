/** Compares the kernels that training uses on one backend with tfjs's plain JavaScript ones, on small inputs. */
import { engine, ready, setBackend, tensor, tidy } from '@tensorflow/tfjs-core'
import type { NamedAttrMap, NamedTensorMap, Tensor } from '@tensorflow/tfjs-core'
import { kernelCases } from './kernel-cases.ts'
import type { CaseTensor, KernelCase } from './kernel-cases.ts'

/** Outcome of the comparison of one backend with plain JavaScript. */
export interface SelfTest {
  /** How many kernels were compared. */
  readonly kernels: number
  /** `name: what differs`, one per kernel. */
  readonly failed: readonly string[]
}

/** Results of every case on the reference backend. */
export type Reference = ReadonlyMap<string, readonly Float32Array[]>

/** Runs the cases on the reference backend `cpu`, which must be loaded and have our kernels. */
export async function computeReference(): Promise<Reference> {
  await setBackend('cpu')
  await ready()
  const results = new Map<string, readonly Float32Array[]>()
  for (const each of kernelCases) results.set(each.label, await runCase(each))
  return results
}

/**
 * Runs the cases on a loaded backend and makes it the current one.
 *
 * @param backendName a backend that was loaded and has our kernels.
 */
export async function selfTest(backendName: string, reference: Reference): Promise<SelfTest> {
  await setBackend(backendName)
  await ready()
  const failures = new Map<string, string>()
  for (const each of kernelCases) {
    const reason = await compareCase(each, reference.get(each.label) ?? [])
    if (reason !== null && !failures.has(each.kernel)) failures.set(each.kernel, `${each.label}: ${reason}`)
  }
  return { kernels: new Set(kernelCases.map(each => each.kernel)).size, failed: [...failures.values()] }
}

/** Runs one kernel on the current backend. @returns one array per output. */
export async function runCase(each: KernelCase): Promise<Float32Array[]> {
  const outputs = tidy(() => {
    const inputs = Array.isArray(each.inputs) ? each.inputs.map(place) : placeAll(each.inputs)
    const made = engine().runKernel(each.kernel, inputs as NamedTensorMap, each.attributes as NamedAttrMap)
    return Array.isArray(made) ? made : [made]
  })
  const arrays: Float32Array[] = []
  for (const output of outputs) arrays.push(Float32Array.from(await output.data()))
  for (const output of outputs) output.dispose()
  return arrays
}

function place({ values, shape }: CaseTensor): Tensor {
  return tensor(values, [...shape])
}

function placeAll(inputs: KernelCase['inputs']): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, place(input)]))
}

async function compareCase(each: KernelCase, expected: readonly Float32Array[]): Promise<string | null> {
  try {
    const actual = await runCase(each)
    const error = Math.max(...expected.map((array, index) => relativeError(actual[index], array)))
    return error <= each.tolerance
      ? null
      : `relative error ${error.toExponential(1)}, at most ${each.tolerance} expected`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** ‖actual − expected‖₂ / ‖expected‖₂; infinite when shapes or finiteness differ. */
export function relativeError(actual: Float32Array | undefined, expected: Float32Array): number {
  if (actual === undefined || actual.length !== expected.length) return Infinity
  let [difference, norm] = [0, 0]
  for (const [index, value] of expected.entries()) {
    difference += ((actual[index] ?? NaN) - value) ** 2
    norm += value ** 2
  }
  if (!Number.isFinite(difference)) return Infinity
  return difference === 0 ? 0 : Math.sqrt(difference / Math.max(norm, Number.MIN_VALUE))
}

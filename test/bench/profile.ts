/** Where the time of a computation goes, by kernel: every kernel of the current backend is timed while the work runs. */
import * as tf from '@tensorflow/tfjs-core'
import type { KernelConfig, KernelFunc, Tensor } from '@tensorflow/tfjs-core'

export interface ProfileRow {
  readonly name: string
  readonly calls: number
  /** Without the kernels that it called itself. */
  readonly ms: number
}

export interface Profile {
  readonly wholeMs: number
  readonly byKernel: readonly ProfileRow[]
  /** Apart by shapes of inputs. */
  readonly byShape: readonly ProfileRow[]
}

/**
 * Runs some work and sums the time of each kernel, divided by `rounds`. A device that computes by itself shows how long its calls
 * take to be handed over.
 */
export async function profileKernels(work: () => Promise<unknown>, rounds: number): Promise<Profile> {
  const backend = tf.getBackend()
  const originals = [...(tf.getKernelsForBackend(backend) ?? [])]
  const kernels = new Map<string, ProfileRow>()
  const shapes = new Map<string, ProfileRow>()
  const nested: number[] = []
  for (const config of originals) replace(config, timed(config, nested, kernels, shapes))
  const startedMs = performance.now()
  try {
    await work()
  } finally {
    for (const config of originals) replace(config, config.kernelFunc)
  }
  const wholeMs = (performance.now() - startedMs) / rounds
  return { wholeMs, byKernel: rowsOf(kernels, rounds), byShape: rowsOf(shapes, rounds) }
}

function timed(
  { kernelName, kernelFunc }: KernelConfig,
  nested: number[],
  kernels: Map<string, ProfileRow>,
  shapes: Map<string, ProfileRow>,
): KernelFunc {
  return call => {
    nested.push(0)
    const startedMs = performance.now()
    try {
      return kernelFunc(call)
    } finally {
      const wholeMs = performance.now() - startedMs
      const ms = wholeMs - nested.pop()!
      if (nested.length > 0) nested[nested.length - 1]! += wholeMs
      add(kernels, kernelName, ms)
      add(shapes, `${kernelName} ${describe(call.inputs as Record<string, Tensor>, call.attrs)}`, ms)
    }
  }
}

function describe(inputs: Record<string, Tensor>, attributes: unknown): string {
  const shapes = Object.entries(inputs ?? {})
    .slice(0, 3)
    .map(([name, tensor]) => `${name}[${(Array.isArray(tensor) ? [] : (tensor?.shape ?? [])).join()}]`)
  const { strides, relu, addend } = (attributes ?? {}) as Record<string, unknown>
  const stride = Array.isArray(strides) && strides[0] !== 1 ? [`/${String(strides[0])}`] : []
  const fused = [...(relu ? ['+relu'] : []), ...(addend || 'addend' in (inputs ?? {}) ? ['+add'] : [])]
  return [...shapes, ...stride, ...fused].join(' ')
}

function add(rows: Map<string, ProfileRow>, name: string, ms: number): void {
  const had = rows.get(name)
  rows.set(name, { name, calls: (had?.calls ?? 0) + 1, ms: (had?.ms ?? 0) + ms })
}

function rowsOf(rows: Map<string, ProfileRow>, rounds: number): ProfileRow[] {
  const mean = [...rows.values()].map(({ name, calls, ms }) => ({
    name,
    calls: calls / rounds,
    ms: ms / rounds,
  }))
  return mean.sort((a, b) => b.ms - a.ms)
}

function replace({ kernelName, backendName, ...rest }: KernelConfig, kernelFunc: KernelFunc): void {
  tf.unregisterKernel(kernelName, backendName)
  tf.registerKernel({ kernelName, backendName, ...rest, kernelFunc })
}

/** The profile as a table. */
export function printProfile({ wholeMs, byKernel, byShape }: Profile, limit = 40): void {
  const line = ({ name, calls, ms }: ProfileRow): string =>
    `${ms.toFixed(1).padStart(9)} ${((100 * ms) / wholeMs).toFixed(1).padStart(6)} ${calls.toFixed(0).padStart(6)}  ${name}`
  const inKernels = byKernel.reduce((sum, { ms }) => sum + ms, 0)
  console.log(`one step ${wholeMs.toFixed(1)} ms, of it in kernels ${inKernels.toFixed(1)} ms`)
  console.log('       ms      %  calls  kernel')
  for (const row of byKernel.filter(({ ms }) => ms / wholeMs > 5e-4)) console.log(line(row))
  console.log('\n       ms      %  calls  kernel with shapes')
  for (const row of byShape.slice(0, limit)) console.log(line(row))
}

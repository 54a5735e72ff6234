/**
 * What a small operation costs beyond its arithmetic: `node test/bench/dispatch.ts [BACKEND ...]`. Each row is one kernel on 4 values
 * through tfjs's engine, its result disposed of; the first rows are the addon alone. Microseconds, median and quartiles of many runs.
 */
import { engine, tensor1d, type NamedTensorMap, type Tensor } from '@tensorflow/tfjs-core'
import { startBackend } from '../../core/backend/index.ts'
import { loadAddon } from '../../core/backend/torch/load.ts'
import { scalarTypes } from '../../core/backend/torch/binding.ts'
import { short, spreadOf, type Spread } from './statistics.ts'

const [runs, operationsPerRun] = [15, 20_000]

export interface DispatchCost {
  readonly label: string
  readonly microseconds: Spread
}

/** An operator of libtorch on four values, called without tfjs. */
export function addonCosts(): DispatchCost[] {
  const addon = loadAddon()
  const make = (): number => addon.create(Float32Array.of(1, 2, 3, 4), [4], scalarTypes.float32, 'cpu')
  const [a, b, add] = [make(), make(), addon.op('aten::add.Tensor')]
  const cost = time('addon: aten::add', () => addon.dispose(addon.call(add, a, b) as number))
  addon.dispose(a)
  addon.dispose(b)
  return [cost]
}

/** Kernels on a backend through the engine. */
export async function engineCosts(backend: string): Promise<DispatchCost[]> {
  await startBackend(backend)
  const [a, b] = [tensor1d([1, 2, 3, 4]), tensor1d([5, 6, 7, 8])]
  const row = (kernel: string, inputs: Record<string, Tensor>, attrs: object): DispatchCost =>
    time(`${backend}: ${kernel}`, () => {
      const made = engine().runKernel(kernel, inputs as NamedTensorMap, { ...attrs }) as Tensor
      made.dispose()
    })
  const costs = [
    row('Add', { a, b }, {}),
    row('Relu', { x: a }, {}),
    row('Reshape', { x: a }, { shape: [2, 2] }),
    row('Sum', { x: a }, { axis: [0], keepDims: false }),
  ]
  a.dispose()
  b.dispose()
  return costs
}

function time(label: string, operation: () => void): DispatchCost {
  const costs: number[] = []
  for (let run = -3; run < runs; run++) {
    const startedMs = performance.now()
    for (let index = 0; index < operationsPerRun; index++) operation()
    // The first runs are for the compiler.
    if (run >= 0) costs.push(((performance.now() - startedMs) * 1000) / operationsPerRun)
  }
  return { label, microseconds: spreadOf(costs) }
}

if (import.meta.main) {
  const backends = process.argv.slice(2)
  const costs = addonCosts()
  for (const backend of backends.length > 0 ? backends : ['torch', 'wasm', 'cpu'])
    costs.push(...(await engineCosts(backend)))
  for (const {
    label,
    microseconds: { lower, median, upper },
  } of costs)
    // prettier-ignore
    console.log(`${label.padEnd(20)} ${short(median).padStart(6)} µs   [${short(lower)}, ${short(upper)}]`)
}

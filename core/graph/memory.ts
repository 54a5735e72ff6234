/**
 * How much memory a graph needs, before it runs: its steps are gone through with sizes in place of tensors, in the order in which
 * the executor makes and frees them. What kernels take for themselves while they run is not counted.
 */
import type { Tensor } from '@tensorflow/tfjs-core'
import { backwardReadsOf, lifetimesOf, type Lifetimes } from './lifetimes.ts'
import { sizeOf } from './ops/shared/op.ts'
import { float32, type GraphPrecision, type Storage } from './precision.ts'
import { stepsOf, type Step } from './steps.ts'
import type { Graph } from './types.ts'
import { createValues } from './values.ts'

/** Peak memory is `fixedBytes` + images · `bytesPerImage`. */
export interface MemoryEstimate {
  readonly fixedBytes: number
  readonly bytesPerImage: number
}

export interface MemoryOptions {
  readonly precision?: GraphPrecision
  /** Numbers that the optimizer keeps, and other copies of the weights. */
  readonly slotValues: number
}

/** Bytes of one value. */
const widths: Readonly<Record<Storage, number>> = { float32: 4, bfloat16: 2, float16: 2 }

/** Of a training step with its update: parameters, gradients, what the optimizer keeps, and activations. */
export function estimateMemory(
  graph: Graph,
  { precision = float32, slotValues }: MemoryOptions,
): MemoryEstimate {
  const count = (infos: readonly { readonly shape: readonly number[] }[]): number =>
    infos.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  const parameters = graph.nodes.flatMap(node => node.parameters)
  const half = parameters.filter(({ kind }) => kind === 'weight' || kind === 'bias')
  const weightBytes =
    widths[precision.weights] * count(half) + widths.float32 * (count(parameters) - count(half))
  // Gradients and slots are float32; a step keeps the running statistics of before it beside its own.
  const others = slotValues + count(parameters) + 2 * count(graph.nodes.flatMap(node => node.buffers))
  return {
    fixedBytes: weightBytes + widths.float32 * others,
    bytesPerImage: peakOfActivations(graph, precision),
  }
}

/** The largest batch whose step fits; 0 when not even one image does. */
export function batchThatFits({ fixedBytes, bytesPerImage }: MemoryEstimate, availableBytes: number): number {
  return Math.max(0, Math.floor((availableBytes - fixedBytes) / bytesPerImage))
}

/** Bytes that are alive, and the most there ever were. */
interface Meter {
  readonly peakBytes: number
  /** Something is made; what is given back frees it. */
  make(bytes: number): () => void
}

function createMeter(): Meter {
  let live = 0
  let peakBytes = 0
  return {
    get peakBytes() {
      return peakBytes
    },
    make: bytes => {
      live += bytes
      peakBytes = Math.max(peakBytes, live)
      return () => void (live -= bytes)
    },
  }
}

/** Of one image. */
function peakOfActivations(graph: Graph, precision: GraphPrecision): number {
  const steps = stepsOf(graph)
  const lifetimes = lifetimesOf(graph, steps)
  const shapes = new Map(graph.nodes.map(node => [node.name, node.shape]))
  const bytesOf = (name: string, storage = precision.storage): number =>
    sizeOf(shapes.get(name) ?? []) * widths[storage]
  const meter = createMeter()
  const values = createValues(lifetimes, true)
  const put = (name: string): Tensor => ({ dispose: meter.make(bytesOf(name)) }) as unknown as Tensor

  // The caller keeps the images; as float32 they are shared, and not copied.
  meter.make(bytesOf('input', 'float32'))
  if (precision.storage !== 'float32') values.put('input', put('input'))
  for (const step of steps) {
    const free = castsOf(step, precision, bytesOf).map(meter.make)
    values.put(step.output, put(step.output))
    for (const release of free) release()
    for (const name of step.inputs) if (values.find(name)) values.releaseForward(name)
  }
  walkBack(
    steps,
    lifetimes,
    {
      gradient: name => meter.make(bytesOf(name)),
      casts: step => castsOf(step, precision, bytesOf).map(meter.make),
      read: name => {
        if (name !== 'input' && !values.find(name)) values.restore(name, put(name))
      },
      release: name => {
        if (name !== 'input' || values.find(name)) values.releaseBackward(name)
      },
    },
    Object.values(graph.outputs),
  )
  return meter.peakBytes
}

interface Walk {
  readonly gradient: (name: string) => () => void
  readonly casts: (step: Step) => (() => void)[]
  readonly read: (name: string) => void
  readonly release: (name: string) => void
}

/** The backward pass: gradients are made and added up, kept values read and freed. */
function walkBack(
  steps: readonly Step[],
  { differentiated }: Lifetimes,
  walk: Walk,
  outputs: readonly string[],
): void {
  const gradients = new Map<string, () => void>()
  const add = (name: string): void => {
    const before = gradients.get(name)
    const made = walk.gradient(name)
    // A sum is a third tensor beside its terms.
    const sum = before ? walk.gradient(name) : made
    if (before) [before, made].forEach(free => free())
    gradients.set(name, sum)
  }
  for (const name of outputs) add(name)
  for (const step of [...steps].reverse()) {
    const freeDy = gradients.get(step.output)
    if (freeDy && differentiated.has(step.output)) {
      backwardReadsOf(step).forEach(walk.read)
      const free = walk.casts(step)
      const wanted = step.inputs.filter(name => differentiated.has(name))
      for (const name of wanted) add(name)
      for (const each of free) each()
      gradients.delete(step.output)
      freeDy()
    }
    backwardReadsOf(step).forEach(walk.release)
  }
}

/** Copies in the type of products, where activations are kept in another. */
function castsOf(
  { op, inputs, output }: Step,
  { compute, storage }: GraphPrecision,
  bytesOf: (name: string, storage: Storage) => number,
): number[] {
  const isCast = compute !== storage && (op.name === 'conv' || op.name === 'dense')
  return isCast ? [...inputs, output].map(name => bytesOf(name, compute)) : []
}

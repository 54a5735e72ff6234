/** When each value of a graph is last read, so that the executor can free it right then. */
import { keepsActivations } from './ops/shared/kernel.ts'
import type { Step } from './steps.ts'
import type { Graph, ParameterInfo } from './types.ts'

export interface Lifetimes {
  /** How often forward reads each value, with one more for each role it has as an output. */
  readonly forwardReads: ReadonlyMap<string, number>
  /** How often backward reads each value. */
  readonly backwardReads: ReadonlyMap<string, number>
  /** Values that backward makes again from their producer instead of keeping them. */
  readonly recomputed: ReadonlySet<string>
  /** Values whose gradient some parameter asks for. */
  readonly differentiated: ReadonlySet<string>
  readonly producers: ReadonlyMap<string, Step>
}

/**
 * Counts the readers of every value.
 * @param recomputes whether backward makes values again that can be, which takes time and saves memory; as the current backend likes
 *   it when left out.
 * @param isTrained which parameters ask for a gradient
 */
export function lifetimesOf(
  graph: Graph,
  steps: readonly Step[],
  recomputes = !keepsActivations(),
  isTrained: (info: ParameterInfo) => boolean = () => true,
): Lifetimes {
  const forwardReads = new Map<string, number>()
  const backwardReads = new Map<string, number>()
  const recomputed = new Set<string>()
  const differentiated = new Set<string>()
  const count = (reads: Map<string, number>, name: string): void =>
    void reads.set(name, (reads.get(name) ?? 0) + 1)
  for (const step of steps) {
    for (const input of step.inputs) count(forwardReads, input)
    for (const name of backwardReadsOf(step)) count(backwardReads, name)
    if (recomputes && step.op.reads(step.node).recomputable) recomputed.add(step.output)
    if (step.node.parameters.some(isTrained) || step.inputs.some(input => differentiated.has(input)))
      differentiated.add(step.output)
  }
  for (const name of Object.values(graph.outputs)) count(forwardReads, name)
  return {
    forwardReads,
    backwardReads,
    recomputed,
    differentiated,
    producers: new Map(steps.map(step => [step.output, step])),
  }
}

/** Names of the values that a step's backward reads. */
export function backwardReadsOf(step: Step): string[] {
  const { inputs, output } = step.op.reads(step.node)
  const names = inputs.map(position => step.inputs[position]!)
  return output ? [...names, step.output] : names
}

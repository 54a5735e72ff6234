/**
 * The steps of a graph for evaluation, where batch norm's statistics are known beforehand: a convolution and the batch norm behind it
 * run as one kernel on backends that have it, so that nothing is written and read between them.
 */
import { attributesOf as convolutionOf, kernelAttributes } from './ops/conv.ts'
import { batchNorm, gammaOf } from './ops/batch-norm.ts'
import type { BatchNormAttributes } from './ops/batch-norm.ts'
import { hasKernel, runKernel } from './ops/shared/kernel.ts'
import { readsNothing } from './ops/shared/op.ts'
import type { Op } from './ops/shared/op.ts'
import type { GraphPrecision } from './precision.ts'
import type { Step } from './steps.ts'
import type { Graph, GraphNode } from './types.ts'

/** @param steps of the graph; given back as they are where nothing can be joined. */
export function evaluationSteps(
  graph: Graph,
  steps: readonly Step[],
  precision: GraphPrecision,
): readonly Step[] {
  // Casts around the convolution alone would come in between.
  if (!hasKernel('ConvNorm') || precision.compute !== precision.storage) return steps
  const readers = new Map<string, number>()
  for (const name of [...steps.flatMap(step => step.inputs), ...Object.values(graph.outputs)])
    readers.set(name, (readers.get(name) ?? 0) + 1)
  const joinable = new Map<string, Step>()
  for (const step of steps) {
    const isPlain = step.op.name === 'conv' && !convolutionOf(step.node).bias
    if (isPlain && readers.get(step.output) === 1) joinable.set(step.output, step)
  }
  const joined = new Set<Step>()
  const made = steps.map(step => {
    const convolution = step.op.name === 'batch_norm' ? joinable.get(step.inputs[0]!) : undefined
    if (!convolution) return step
    joined.add(convolution)
    return joinedStep(convolution, step)
  })
  return made.filter(step => !joined.has(step))
}

function joinedStep(convolution: Step, norm: Step): Step {
  const inputs = [...convolution.inputs, ...norm.inputs.slice(1)]
  const parameters = [...convolution.node.parameters, ...norm.node.parameters]
  return {
    op: convolutionAndNorm(convolution.node),
    node: { ...norm.node, inputs, parameters },
    inputs,
    output: norm.output,
    borrowed: { filter: `${convolution.node.name}.weight` },
  }
}

/** Batch norm that convolves its input first. */
function convolutionAndNorm(convolution: GraphNode): Op {
  return {
    ...batchNorm,
    name: 'conv_norm',
    reads: () => readsNothing,
    forward: ({ node, inputs: [x, addend], tensor }) => {
      const { epsilon, relu = false } = node.attributes as unknown as BatchNormAttributes
      const vectors = { gamma: gammaOf(node, tensor), beta: tensor('bias') }
      const statistics = { mean: tensor('running_mean'), variance: tensor('running_var') }
      const inputs = { x, filter: tensor('filter'), ...vectors, ...statistics, addend }
      return { output: runKernel('ConvNorm', inputs, { ...kernelAttributes(convolution), epsilon, relu }) }
    },
  }
}

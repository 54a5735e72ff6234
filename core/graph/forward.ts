/** The forward pass of one run. */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import type { Lifetimes } from './lifetimes.ts'
import type { AcrossRanks, ForwardResult, Mode } from './ops/shared/op.ts'
import type { Casts } from './precision.ts'
import type { Step } from './steps.ts'
import type { ParameterInfo, TensorTable } from './types.ts'
import { tidyResult } from './tidy.ts'
import type { Values } from './values.ts'

/** Everything that one pass through the graph shares. */
export interface Run {
  readonly steps: readonly Step[]
  readonly lifetimes: Lifetimes
  readonly parameters: TensorTable
  readonly buffers: TensorTable
  readonly casts: Casts
  readonly mode: Mode
  /** Which parameters are trained. Batch norm whose parameters are not keeps its running statistics, and uses them. */
  readonly isTrained: (info: ParameterInfo) => boolean
  readonly seed: number
  readonly acrossRanks?: AcrossRanks
  /** Shape of every value without the batch. */
  readonly shapes: ReadonlyMap<string, readonly number[]>
  readonly values: Values
  /** Small tensors that a step's backward needs beside its inputs and output. */
  readonly saved: Map<Step, readonly Tensor[]>
}

/** Computes every value; afterwards the outputs and what backward reads are live. */
export function forward(run: Run, images: Tensor4D): void {
  run.values.put('input', run.casts.enter(images))
  for (const step of run.steps) {
    const inputs = step.inputs.map(name => run.values.peek(name))
    const { output, saved = [] } = tidyResult(() => runStep(run, step, inputs))
    if (run.mode === 'evaluation') tf.dispose([...saved])
    else run.saved.set(step, saved)
    run.values.put(step.output, output)
    for (const name of step.inputs) run.values.releaseForward(name)
  }
}

function runStep(run: Run, step: Step, inputs: readonly Tensor[]): ForwardResult {
  const { output, saved = [] } = step.op.forward({
    node: step.node,
    inputs: inputs.map(x => run.casts.into(step, x)),
    mode: modeOf(run, step),
    seed: run.seed,
    ...(run.acrossRanks ? { acrossRanks: run.acrossRanks } : {}),
    tensor: suffix => tensorOf(run, step, suffix),
    update: (suffix, value) => run.buffers.set(`${step.node.name}.${suffix}`, value),
  })
  return { output: run.casts.outOf(step, output), saved }
}

/** How a step behaves: a layer that is not trained is frozen. */
export function modeOf({ mode, isTrained }: Run, { node }: Step): Mode {
  const isFrozen = mode === 'training' && node.parameters.length > 0 && !node.parameters.some(isTrained)
  return isFrozen ? 'frozen' : mode
}

/** A parameter or buffer of a step's node. */
export function tensorOf(run: Run, { node, borrowed }: Step, suffix: string): Tensor {
  const name = borrowed?.[suffix] ?? `${node.name}.${suffix}`
  const isParameter = node.parameters.some(parameter => parameter.name === name)
  return isParameter ? run.parameters.get(name) : run.buffers.get(name)
}

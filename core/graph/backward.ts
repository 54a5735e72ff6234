/** The backward pass of one run: the steps in reverse, each freeing what it alone still read. */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { modeOf, tensorOf, type Run } from './forward.ts'
import { backwardReadsOf } from './lifetimes.ts'
import type { BackwardResult, RecomputePass } from './ops/shared/op.ts'
import type { Step } from './steps.ts'
import { tidyResult } from './tidy.ts'
import type { TrainOptions } from './types.ts'

/**
 * Computes and hands over the gradient of every parameter behind the given outputs.
 * @param gradients of the loss by value; owned and emptied here.
 */
export function backward(
  run: Run,
  gradients: Map<string, Tensor>,
  { onGradient, onLayer, lossScale = 1 }: Pick<TrainOptions, 'onGradient' | 'onLayer' | 'lossScale'>,
): void {
  try {
    for (const step of [...run.steps].reverse()) {
      const dy = gradients.get(step.output)
      if (dy && run.lifetimes.differentiated.has(step.output)) {
        if (onLayer) showLayer(run, step, dy, { onLayer, lossScale })
        const result = stepBackward(run, step, dy)
        gradients.delete(step.output)
        dy.dispose()
        passOn(run, step, result, gradients)
        handOver(run, step, result, onGradient)
      }
      releaseStep(run, step)
    }
  } finally {
    tf.dispose([...gradients.values()])
    gradients.clear()
  }
}

/** Adds to what is known of a value's gradient; takes ownership. */
export function addGradient(
  gradients: Map<string, Tensor>,
  name: string,
  gradient: Tensor | null | undefined,
): void {
  if (!gradient) return
  const before = gradients.get(name)
  gradients.set(name, before ? tf.add(before, gradient) : gradient)
  if (before) tf.dispose([before, gradient])
}

function stepBackward(run: Run, step: Step, dy: Tensor): BackwardResult {
  // Recomputed values must outlive the tidy, so they are made before it.
  for (const name of backwardReadsOf(step)) read(run, name)
  return tidyResult(() => {
    const { into, outOf, gradient } = run.casts
    const pass = recomputePass(run, step)
    const { inputs, parameters = {} } = step.op.backward({
      ...pass,
      input: position => into(step, pass.input(position)),
      dy: into(step, dy),
      inputShapes: step.inputs.map(name => shapeOf(run, name)),
      output: () => read(run, step.output),
      wants: position => run.lifetimes.differentiated.has(step.inputs[position]!),
      wantsParameters: step.node.parameters.some(run.isTrained),
    })
    const cast = Object.entries(parameters).map(([suffix, dw]) => [suffix, gradient(step, dw)])
    return {
      inputs: inputs.map(dx => dx && outOf(step, dx)),
      parameters: Object.fromEntries(cast) as Record<string, Tensor>,
    }
  })
}

/** Shows what goes through a convolution or dense layer, in float32. */
function showLayer(
  run: Run,
  step: Step,
  dy: Tensor,
  {
    onLayer,
    lossScale,
  }: { readonly onLayer: NonNullable<TrainOptions['onLayer']>; readonly lossScale: number },
): void {
  const info = step.node.parameters.find(({ kind }) => kind === 'weight')
  if (!info || !['conv', 'dense'].includes(step.op.name) || !run.isTrained(info)) return
  const x = read(run, step.inputs[0]!)
  tf.tidy(() => {
    onLayer({ info, node: step.node, x: run.casts.leave(x), dy: run.casts.leave(dy), lossScale })
  })
}

/** A value that forward kept, or one made again. */
function read(run: Run, name: string): Tensor {
  const live = run.values.find(name)
  if (live) return live
  const producer = run.lifetimes.producers.get(name)
  if (!producer?.op.recompute) return run.values.peek(name)
  const value = tf.tidy(() => producer.op.recompute!(recomputePass(run, producer)))
  run.values.restore(name, value)
  return value
}

function recomputePass(run: Run, step: Step): RecomputePass {
  return {
    node: step.node,
    mode: modeOf(run, step),
    ...(run.acrossRanks ? { acrossRanks: run.acrossRanks } : {}),
    tensor: suffix => tensorOf(run, step, suffix),
    input: position => read(run, step.inputs[position]!),
    saved: run.saved.get(step) ?? [],
  }
}

function passOn(run: Run, step: Step, { inputs }: BackwardResult, gradients: Map<string, Tensor>): void {
  inputs.forEach((gradient, position) => {
    const name = step.inputs[position]!
    if (run.lifetimes.differentiated.has(name)) addGradient(gradients, name, gradient)
    else gradient?.dispose()
  })
}

function handOver(
  run: Run,
  step: Step,
  { parameters = {} }: BackwardResult,
  onGradient: TrainOptions['onGradient'],
): void {
  const left = new Map(Object.entries(parameters))
  try {
    for (const info of step.node.parameters) {
      const suffix = info.name.slice(step.node.name.length + 1)
      const gradient = left.get(suffix)
      if (!run.isTrained(info)) continue
      left.delete(suffix)
      if (gradient) onGradient(info, tf.keep(gradient))
    }
  } finally {
    tf.dispose([...left.values()])
  }
}

function releaseStep(run: Run, step: Step): void {
  tf.dispose([...(run.saved.get(step) ?? [])])
  run.saved.delete(step)
  for (const name of backwardReadsOf(step)) run.values.releaseBackward(name)
}

function shapeOf(run: Run, name: string): readonly number[] {
  return run.shapes.get(name) ?? []
}

/**
 * Runs a graph forward and backward over tfjs kernels, without tfjs's tape: it keeps only what some backward reads, frees each
 * value after its last reader, makes cheap values again instead of keeping them, and hands a gradient over once it is final.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import { AppError } from '../errors/index.ts'
import { addGradient, backward } from './backward.ts'
import { evaluationSteps } from './evaluation.ts'
import { forward, type Run } from './forward.ts'
import { registerLossGradients } from './gradients.ts'
import { lifetimesOf } from './lifetimes.ts'
import { createCasts, float32, type GraphPrecision } from './precision.ts'
import { stepsOf } from './steps.ts'
import { createTable } from './tables.ts'
import type { Executor, Graph, StepResult, TrainOptions } from './types.ts'
import { createValues } from './values.ts'

/**
 * Makes the parameters of a graph and an executor for it, on the current tfjs backend.
 * @param options.seed any integer; first values depend on it and on the parameter's name alone.
 * @param options.precision in how many bits it computes; float32 when left out. The backend must be able to.
 * @param options.recompute whether backward makes outputs of batch norm again instead of keeping them; as the backend likes it when
 *   left out.
 */
export function createExecutor(
  graph: Graph,
  options: { readonly seed: number; readonly precision?: GraphPrecision; readonly recompute?: boolean },
): Executor {
  registerLossGradients()
  const precision = options.precision ?? float32
  const casts = createCasts(precision)
  const steps = stepsOf(graph)
  const lifetimes = lifetimesOf(graph, steps, options.recompute)
  const forEvaluation = evaluationSteps(graph, steps, precision)
  const plans = {
    training: { steps, lifetimes },
    evaluation: { steps: forEvaluation, lifetimes: lifetimesOf(graph, forEvaluation, options.recompute) },
  }
  const shapes = new Map(graph.nodes.map(node => [node.name, node.shape]))
  const parameters = createTable(
    graph.nodes.flatMap(node => node.parameters),
    options.seed,
    casts.parameter,
  )
  const buffers = createTable(
    graph.nodes.flatMap(node => node.buffers),
    options.seed,
  )

  const begin = (mode: Run['mode'], seed: number): Run => {
    const plan = mode === 'evaluation' ? plans.evaluation : plans.training
    const values = createValues(plan.lifetimes, mode !== 'evaluation')
    return { ...plan, shapes, parameters, buffers, casts, mode, seed, values, saved: new Map() }
  }

  const predict = (images: Tensor4D): Record<string, Tensor> => {
    checkImages(graph, images)
    const run = begin('evaluation', 0)
    try {
      forward(run, images)
      return outputsOf(graph, run)
    } finally {
      endRun(run)
    }
  }

  const train: Executor['train'] = (images, lossOf, trainOptions) => {
    checkImages(graph, images)
    const run = begin(trainOptions.frozenBatchNorm ? 'frozen' : 'training', trainOptions.seed)
    try {
      forward(run, images)
      return finishStep(graph, run, lossOf, trainOptions)
    } finally {
      endRun(run)
    }
  }

  const dispose = (): void => {
    parameters.dispose()
    buffers.dispose()
  }
  return { graph, precision, parameters, buffers, predict, train, dispose }
}

/** The loss and, from its gradient with respect to the outputs, everything behind them. */
function finishStep(
  graph: Graph,
  run: Run,
  lossOf: (outputs: Record<string, Tensor>) => Scalar,
  { onGradient, lossScale = 1 }: TrainOptions,
): StepResult {
  const outputs = outputsOf(graph, run)
  const roles = Object.keys(outputs)
  let loss: Tensor | undefined
  try {
    // An output that the loss leaves out has no gradient; that is allowed.
    const xs = roles.map(role => outputs[role]!)
    const { value, grads } = gradientsOf(() => lossOf(outputs), xs, lossScale)
    loss = value
    const gradients = new Map<string, Tensor>()
    // Two roles may share a node: their gradients add up.
    roles.forEach((role, i) => {
      if (grads[i]) addGradient(gradients, graph.outputs[role]!, run.casts.enter(grads[i]))
    })
    tf.dispose(grads.filter(gradient => gradient != null))
    backward(run, gradients, onGradient)
    return { loss: value as Scalar, outputs }
  } catch (error) {
    tf.dispose([loss ?? [], ...Object.values(outputs)])
    throw error
  }
}

/** The loss, and its gradients times `lossScale`. */
function gradientsOf(
  lossOf: () => Scalar,
  xs: Tensor[],
  lossScale: number,
): { value: Tensor; grads: (Tensor | null)[] } {
  const dy = lossScale === 1 ? undefined : tf.scalar(lossScale)
  try {
    return tf.engine().gradients(lossOf, xs, dy, true)
  } finally {
    dy?.dispose()
  }
}

function outputsOf(graph: Graph, run: Run): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(graph.outputs).map(([role, name]) => [role, run.casts.leave(run.values.peek(name))]),
  )
}

/** Frees whatever is left, after success or failure. */
function endRun(run: Run): void {
  run.values.dispose()
  for (const tensors of run.saved.values()) tf.dispose([...tensors])
  run.saved.clear()
}

function checkImages(graph: Graph, images: Tensor4D): void {
  const expected = graph.inputShape
  if (images.rank === 4 && images.shape[0] > 0 && images.shape.slice(1).join() === expected.join()) return
  const message = `${graph.name}: expected images [B, ${expected.join(', ')}] with B > 0, got [${images.shape.join(', ')}]`
  throw new AppError('internal', message, { expected, got: images.shape })
}

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
import type { AcrossRanks } from './ops/shared/op.ts'
import { registerLossGradients } from './gradients.ts'
import { lifetimesOf, type Lifetimes } from './lifetimes.ts'
import { createCasts, float32, type GraphPrecision } from './precision.ts'
import { evaluationRoles, prune } from './prune.ts'
import { stepsOf, type Step } from './steps.ts'
import { createTable } from './tables.ts'
import type { Executor, Graph, ParameterInfo, StepResult, TrainOptions } from './types.ts'
import { createValues } from './values.ts'

export interface ExecutorOptions {
  /** Any integer; first values depend on it and on the parameter's name alone. */
  readonly seed: number
  /** In how many bits it computes; float32 when left out. The backend must be able to. */
  readonly precision?: GraphPrecision
  /** Whether backward makes outputs of batch norm again instead of keeping them; as the backend likes it when left out. */
  readonly recompute?: boolean
  /** Another executor of the same network, at another input size perhaps, whose parameters and buffers this one uses. */
  readonly share?: Executor
  /**
   * Ranks that have the other parts of a batch: batch norm then uses the statistics of all of it. It is made of plain operations then.
   */
  readonly acrossRanks?: AcrossRanks
  /** Which parameters are trained; all when left out. Layers of which none is keep their running statistics as they are. */
  readonly isTrained?: (info: ParameterInfo) => boolean
}

/** Makes the parameters of a graph and an executor for it, on the current tfjs backend. */
export function createExecutor(graph: Graph, options: ExecutorOptions): Executor {
  registerLossGradients()
  const precision = options.precision ?? float32
  const casts = createCasts(precision)
  const steps = stepsOf(graph)
  const { recompute, share, isTrained = () => true, acrossRanks } = options
  const training: Plan = { graph, steps, lifetimes: lifetimesOf(graph, steps, recompute, isTrained) }
  const evaluationPlan = remembered((roles: readonly string[]): Plan => {
    const part = prune(graph, roles)
    const made = evaluationSteps(part, stepsOf(part), precision)
    return { graph: part, steps: made, lifetimes: lifetimesOf(part, made, recompute) }
  })
  const shapes = new Map(graph.nodes.map(node => [node.name, node.shape]))
  const own = share
    ? null
    : {
        parameters: createTable(
          graph.nodes.flatMap(node => node.parameters),
          options.seed,
          casts.parameter,
        ),
        buffers: createTable(
          graph.nodes.flatMap(node => node.buffers),
          options.seed,
        ),
      }
  const { parameters, buffers } = (own ?? share)!

  const begin = ({ steps: planned, lifetimes }: Plan, mode: Run['mode'], seed: number): Run => {
    const values = createValues(lifetimes, mode !== 'evaluation')
    const tables = { parameters, buffers, casts }
    const across = acrossRanks ? { acrossRanks } : {}
    const given = { steps: planned, lifetimes, shapes, mode, isTrained, seed, ...across }
    return { ...given, ...tables, values, saved: new Map() }
  }

  const predict: Executor['predict'] = (images, roles = evaluationRoles(graph)) => {
    checkImages(graph, images)
    const plan = evaluationPlan(roles)
    const run = begin(plan, 'evaluation', 0)
    try {
      forward(run, images)
      return outputsOf(plan.graph, run)
    } finally {
      endRun(run)
    }
  }

  const train: Executor['train'] = (images, lossOf, trainOptions) => {
    checkImages(graph, images)
    const run = begin(training, trainOptions.frozenBatchNorm ? 'frozen' : 'training', trainOptions.seed)
    try {
      forward(run, images)
      return finishStep(graph, run, lossOf, trainOptions)
    } finally {
      endRun(run)
    }
  }

  const dispose = (): void => {
    own?.parameters.dispose()
    own?.buffers.dispose()
  }
  return { graph, precision, parameters, buffers, predict, train, dispose }
}

/** How a graph is run for some of its outputs. */
interface Plan {
  readonly graph: Graph
  readonly steps: readonly Step[]
  readonly lifetimes: Lifetimes
}

/** Makes a plan once for each choice of outputs. */
function remembered(make: (roles: readonly string[]) => Plan): (roles: readonly string[]) => Plan {
  const made = new Map<string, Plan>()
  return roles => {
    const key = roles.join()
    const plan = made.get(key) ?? make(roles)
    made.set(key, plan)
    return plan
  }
}

/** The loss and, from its gradient with respect to the outputs, everything behind them. */
function finishStep(
  graph: Graph,
  run: Run,
  lossOf: (outputs: Record<string, Tensor>) => Scalar,
  { onGradient, onLayer, lossScale = 1 }: TrainOptions,
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
    backward(run, gradients, { onGradient, lossScale, ...(onLayer ? { onLayer } : {}) })
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

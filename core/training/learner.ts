/** A network with what its optimizer remembers: all the tensors that training changes. */
import * as tf from '@tensorflow/tfjs-core'
import { castTo, type Executor, type ParameterInfo } from '../graph/index.ts'
import type { Optimizer, ParameterUpdate, UpdateSetting } from '../optimizers/shared/optimizer.ts'
import { modelTensors, restoreModel, type LoadedCheckpoint } from '../checkpoints/loadCheckpoint.ts'
import type { TensorSource } from '../checkpoints/saveCheckpoint.ts'
import { torchShape, toTorchLayout } from '../checkpoints/torchLayout.ts'
import { createMovingAverage, type AverageSetting, type MovingAverage } from './movingAverage.ts'
import type { Rates } from './rates.ts'
import { createSlots, type SlotTensors } from './slots.ts'

export interface Learner {
  readonly executor: Executor
  readonly optimizer: Optimizer
  readonly parameters: readonly ParameterInfo[]
  /** Numbers that are kept beside the weights. */
  readonly slotValues: number
  /** Null where none is kept. */
  readonly average: MovingAverage | null
  /**
   * Changes every parameter that has a gradient; disposes of the gradients.
   * @param measured new slots by parameter, taken over
   */
  update(
    gradients: ReadonlyMap<string, tf.Tensor>,
    setting: UpdateSetting,
    measured?: ReadonlyMap<string, SlotTensors>,
  ): void
  /** False while an update is under way, and for good once one was broken off. */
  isWhole(): boolean
  /** What weight decay adds to the loss. */
  decayLoss(): Promise<number>
  /** Copies of the buffers that share their memory, to be given back or disposed of. */
  snapshotBuffers(): BufferSnapshot
  /** @throws AppError checkpoint-mismatch. */
  restore(checkpoint: LoadedCheckpoint): void
  /**
   * Replaces tensors by what `change` makes of each, one after another in the same order: the buffers, or all there are.
   * @throws whatever `change` throws; the learner is then not whole.
   */
  replace(which: 'all' | 'buffers', change: (tensor: tf.Tensor) => Promise<tf.Tensor>): Promise<void>
  /** What a checkpoint holds, in torch's layout. */
  sources(): {
    readonly model: readonly TensorSource[]
    readonly optimizer: readonly TensorSource[]
    readonly average: readonly TensorSource[] | null
  }
  dispose(): void
}

export interface BufferSnapshot {
  restore(): void
  dispose(): void
}

export interface LearnerOptions {
  /** All at the run's own rates when left out. */
  readonly rates?: Rates
  /** None is kept when left out. */
  readonly average?: AverageSetting | undefined
}

const plainRates: Rates = {
  isTrained: () => true,
  of: ({ learningRateFactor = 1, decays }) => ({
    learningRate: learningRateFactor,
    weightDecay: decays === false ? 0 : 1,
  }),
}

export function createLearner(
  executor: Executor,
  optimizer: Optimizer,
  { rates = plainRates, average: averaging }: LearnerOptions = {},
): Learner {
  const parameters = executor.graph.nodes.flatMap(node => node.parameters)
  const slots = createSlots(optimizer, parameters.filter(rates.isTrained))
  const average = averaging ? createMovingAverage(executor, averaging) : null

  let isWhole = true

  const updateGroup = (
    infos: readonly ParameterInfo[],
    gradients: ReadonlyMap<string, tf.Tensor>,
    setting: UpdateSetting,
  ): void => {
    const before = infos.map((info): ParameterUpdate => ({
      info,
      value: executor.parameters.get(info.name),
      gradient: gradients.get(info.name)!,
      state: slots.of(info.name),
      weightDecayFactor: rates.of(info).weightDecay,
    }))
    const after = inFloat32(executor, before, wide => optimizer.update(wide, setting))
    before.forEach(({ info, gradient }, i) => {
      executor.parameters.set(info.name, after[i]!.value)
      slots.replace(info.name, after[i]!.state)
      gradient.dispose()
    })
  }
  const update: Learner['update'] = (gradients, setting, measured) => {
    isWhole = false
    for (const [name, changed] of measured ?? []) slots.replace(name, changed)
    for (const [factor, infos] of byRate(
      parameters.filter(({ name }) => gradients.has(name)),
      rates,
    ))
      updateGroup(infos, gradients, { ...setting, learningRate: setting.learningRate * factor })
    average?.update(setting.step + 1)
    isWhole = true
  }
  const restore = (checkpoint: LoadedCheckpoint): void => {
    // First the network: what it says of a checkpoint that does not fit is the clearer message.
    isWhole = false
    restoreModel(executor, checkpoint)
    slots.restore(checkpoint)
    if (average) restoreAverage(executor, average, checkpoint)
    isWhole = true
  }
  const replace: Learner['replace'] = async (which, change) => {
    if (which === 'all') isWhole = false
    const { buffers } = executor
    for (const table of which === 'all' ? [executor.parameters, buffers] : [buffers])
      for (const name of table.names()) table.set(name, await change(table.get(name)))
    if (which === 'all') await slots.each(change)
    // Each rank averages by itself: weights from the same start, running statistics each of its own images.
    const averaged = average === null ? [] : which === 'all' ? [...average.tensors.keys()] : buffers.names()
    for (const name of averaged) average!.set(name, await change(average!.of(name)))
    isWhole = true
  }
  const decayLoss = async (): Promise<number> => {
    const decayed = parameters.filter(rates.isTrained).map(info => ({
      info,
      value: executor.parameters.get(info.name),
      weightDecayFactor: rates.of(info).weightDecay,
    }))
    const loss = optimizer.decayLoss(decayed)
    const [value] = await loss.data()
    loss.dispose()
    return value!
  }
  return {
    executor,
    optimizer,
    parameters,
    slotValues: slots.valueCount + (average ? sizeOf([...average.tensors.values()]) : 0),
    average,
    update,
    isWhole: () => isWhole,
    decayLoss,
    snapshotBuffers: () => snapshotOf(executor),
    restore,
    replace,
    sources: () => ({
      model: modelSources(executor, executor.parameters.get, executor.buffers.get),
      optimizer: slots.sources(),
      average: average && modelSources(executor, average.of, average.of),
    }),
    dispose: () => {
      slots.dispose()
      average?.dispose()
      executor.dispose()
    },
  }
}

/** Parameters by the factor of their learning rate, in their order. */
function byRate(infos: readonly ParameterInfo[], rates: Rates): Map<number, ParameterInfo[]> {
  const groups = new Map<number, ParameterInfo[]>()
  for (const info of infos) {
    const { learningRate } = rates.of(info)
    groups.set(learningRate, [...(groups.get(learningRate) ?? []), info])
  }
  return groups
}

/** Optimizers compute in float32: values that are kept in 16 bits are widened for them. */
function inFloat32<Result>(
  { precision }: Executor,
  parameters: readonly ParameterUpdate[],
  use: (wide: readonly ParameterUpdate[]) => Result,
): Result {
  if (precision.weights === 'float32') return use(parameters)
  const wide = parameters.map(each => ({ ...each, value: castTo(each.value, 'float32') }))
  try {
    return use(wide)
  } finally {
    tf.dispose(wide.map(({ value }) => value))
  }
}

function snapshotOf({ buffers }: Executor): BufferSnapshot {
  const copies = buffers.names().map(name => [name, tf.clone(buffers.get(name))] as const)
  return {
    restore: () => {
      for (const [name, copy] of copies) buffers.set(name, copy)
    },
    dispose: () => tf.dispose(copies.map(([, copy]) => copy)),
  }
}

/** A run that was begun without an average starts one from its weights. */
function restoreAverage({ graph }: Executor, average: MovingAverage, checkpoint: LoadedCheckpoint): void {
  for (const [name, tensor] of modelTensors(graph, checkpoint, checkpoint.average ?? checkpoint.model))
    average.set(name, tensor)
}

/** Tensors of a network for a checkpoint, in the order of its nodes. */
function modelSources(
  { graph }: Executor,
  parameter: (name: string) => tf.Tensor,
  buffer: (name: string) => tf.Tensor,
): TensorSource[] {
  const buffers = graph.nodes.flatMap(node => node.buffers)
  return [
    ...graph.nodes
      .flatMap(node => node.parameters)
      .map(info => ({
        name: info.name,
        shape: torchShape(info),
        read: async () => toTorchLayout(info, await floatsOf(parameter(info.name))),
      })),
    ...buffers.map(({ name, shape }) => ({ name, shape, read: () => floatsOf(buffer(name)) })),
  ]
}

async function floatsOf(tensor: tf.Tensor): Promise<Float32Array> {
  return (await tensor.data()) as Float32Array
}

function sizeOf(tensors: readonly tf.Tensor[]): number {
  return tensors.reduce((sum, { size }) => sum + size, 0)
}

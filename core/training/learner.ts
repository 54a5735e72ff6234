/** A network with what its optimizer remembers: all the tensors that training changes. */
import * as tf from '@tensorflow/tfjs-core'
import { castTo, type Executor, type ParameterInfo } from '../graph/index.ts'
import type { Optimizer, ParameterUpdate, UpdateSetting } from '../optimizers/shared/optimizer.ts'
import { restoreModel, restoreSlots, slotKey, type LoadedCheckpoint } from '../checkpoints/loadCheckpoint.ts'
import type { TensorSource } from '../checkpoints/saveCheckpoint.ts'
import { torchShape, toTorchLayout } from '../checkpoints/torchLayout.ts'

type Slots = Readonly<Record<string, tf.Tensor>>

export interface Learner {
  readonly executor: Executor
  readonly parameters: readonly ParameterInfo[]
  /** Tensors that the optimizer keeps for each parameter. */
  readonly slotCount: number
  /** Changes every parameter that has a gradient; disposes of the gradients. */
  update(gradients: ReadonlyMap<string, tf.Tensor>, setting: UpdateSetting): void
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
  sources(): { readonly model: readonly TensorSource[]; readonly optimizer: readonly TensorSource[] }
  dispose(): void
}

export interface BufferSnapshot {
  restore(): void
  dispose(): void
}

export function createLearner(executor: Executor, optimizer: Optimizer): Learner {
  const parameters = executor.graph.nodes.flatMap(node => node.parameters)
  const slotNames = Object.keys(optimizer.slots)
  let slots = new Map<string, Slots>(parameters.map(info => [info.name, initialSlots(optimizer, info)]))

  let isWhole = true

  const update: Learner['update'] = (gradients, setting) => {
    isWhole = false
    const before = parameters.flatMap((info): ParameterUpdate[] => {
      const gradient = gradients.get(info.name)
      const value = executor.parameters.get(info.name)
      return gradient ? [{ info, value, gradient, state: slots.get(info.name)! }] : []
    })
    const after = inFloat32(executor, before, wide => optimizer.update(wide, setting))
    before.forEach(({ info, gradient, state }, i) => {
      executor.parameters.set(info.name, after[i]!.value)
      slots.set(info.name, after[i]!.state)
      tf.dispose([gradient, ...Object.values(state)])
    })
    isWhole = true
  }
  const restore = (checkpoint: LoadedCheckpoint): void => {
    // First the network: what it says of a checkpoint that does not fit is the clearer message.
    isWhole = false
    restoreModel(executor, checkpoint)
    const restored = restoreSlots(parameters, slotNames, checkpoint)
    disposeSlots(slots)
    slots = restored
    isWhole = true
  }
  const replace: Learner['replace'] = async (which, change) => {
    if (which === 'all') isWhole = false
    const { buffers } = executor
    for (const table of which === 'all' ? [executor.parameters, buffers] : [buffers])
      for (const name of table.names()) table.set(name, await change(table.get(name)))
    for (const info of which === 'all' ? parameters : []) {
      const state = slots.get(info.name)!
      const changed: Record<string, tf.Tensor> = {}
      for (const slot of slotNames) changed[slot] = await change(state[slot]!)
      slots.set(info.name, changed)
      tf.dispose(Object.values(state))
    }
    isWhole = true
  }
  const decayLoss = async (): Promise<number> => {
    const loss = optimizer.decayLoss(
      parameters.map(info => ({ info, value: executor.parameters.get(info.name) })),
    )
    const [value] = await loss.data()
    loss.dispose()
    return value!
  }
  return {
    executor,
    parameters,
    slotCount: slotNames.length,
    update,
    isWhole: () => isWhole,
    decayLoss,
    snapshotBuffers: () => snapshotOf(executor),
    restore,
    replace,
    sources: () => ({
      model: modelSources(executor, parameters),
      optimizer: parameters.flatMap(info =>
        slotNames.map(slot => source(slotKey(slot, info.name), info, () => slots.get(info.name)![slot]!)),
      ),
    }),
    dispose: () => {
      disposeSlots(slots)
      executor.dispose()
    },
  }
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

function initialSlots(optimizer: Optimizer, { shape }: ParameterInfo): Slots {
  const filled = Object.entries(optimizer.slots).map(
    ([slot, fill]) => [slot, fill === 'zeros' ? tf.zeros([...shape]) : tf.ones([...shape])] as const,
  )
  return Object.fromEntries(filled)
}

function disposeSlots(slots: ReadonlyMap<string, Slots>): void {
  for (const state of slots.values()) tf.dispose(Object.values(state))
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

/** The network's tensors for a checkpoint, in the order of its nodes. */
function modelSources(executor: Executor, parameters: readonly ParameterInfo[]): TensorSource[] {
  const buffers = executor.graph.nodes.flatMap(node => node.buffers)
  return [
    ...parameters.map(info => source(info.name, info, () => executor.parameters.get(info.name))),
    ...buffers.map(({ name, shape }) => ({ name, shape, read: () => floatsOf(executor.buffers.get(name)) })),
  ]
}

function source(name: string, info: ParameterInfo, tensor: () => tf.Tensor): TensorSource {
  return { name, shape: torchShape(info), read: async () => toTorchLayout(info, await floatsOf(tensor())) }
}

async function floatsOf(tensor: tf.Tensor): Promise<Float32Array> {
  return (await tensor.data()) as Float32Array
}

/** What an optimizer remembers: tensors by parameter and slot. */
import * as tf from '@tensorflow/tfjs-core'
import type { TensorSource } from '../checkpoints/saveCheckpoint.ts'
import { restoreSlots, slotKey, type LoadedCheckpoint } from '../checkpoints/loadCheckpoint.ts'
import { torchShape, toTorchLayout } from '../checkpoints/torchLayout.ts'
import type { ParameterInfo } from '../graph/index.ts'
import type { Optimizer } from '../optimizers/shared/optimizer.ts'

export type SlotTensors = Readonly<Record<string, tf.Tensor>>

export interface Slots {
  /** Numbers in all of them. */
  readonly valueCount: number
  of(parameter: string): SlotTensors
  /** Takes over new tensors for some slots of a parameter, and disposes of the old ones. */
  replace(parameter: string, changed: SlotTensors): void
  /** @throws whatever `change` throws; some are then changed and some not. */
  each(change: (tensor: tf.Tensor) => Promise<tf.Tensor>): Promise<void>
  /** @throws AppError checkpoint-mismatch; everything is then as it was. */
  restore(checkpoint: LoadedCheckpoint): void
  sources(): TensorSource[]
  dispose(): void
}

export function createSlots(optimizer: Optimizer, parameters: readonly ParameterInfo[]): Slots {
  const specified = parameters.flatMap(info =>
    Object.entries(optimizer.slots(info)).map(([slot, { shape, fill }]) => ({ info, slot, shape, fill })),
  )
  let tensors = new Map<string, Record<string, tf.Tensor>>(parameters.map(({ name }) => [name, {}]))
  for (const { info, slot, shape, fill } of specified)
    tensors.get(info.name)![slot] = tf.keep(fill === 'zeros' ? tf.zeros([...shape]) : tf.ones([...shape]))

  const of: Slots['of'] = parameter => tensors.get(parameter) ?? {}
  const replace: Slots['replace'] = (parameter, changed) => {
    const before = of(parameter)
    tensors.set(parameter, { ...before, ...changed })
    tf.dispose(Object.keys(changed).flatMap(slot => before[slot] ?? []))
  }
  const dispose = (): void => {
    for (const state of tensors.values()) tf.dispose(Object.values(state))
  }
  return {
    valueCount: specified.reduce((sum, { shape }) => sum + tf.util.sizeFromShape([...shape]), 0),
    of,
    replace,
    each: async change => {
      for (const { info, slot } of specified)
        replace(info.name, { [slot]: await change(of(info.name)[slot]!) })
    },
    restore: checkpoint => {
      const restored = restoreSlots(specified, checkpoint)
      dispose()
      tensors = new Map(parameters.map(({ name }) => [name, restored.get(name) ?? {}]))
    },
    sources: () =>
      specified.map(({ info, slot, shape }): TensorSource => {
        const name = slotKey(slot, info.name)
        const read = async (): Promise<Float32Array> => (await of(info.name)[slot]!.data()) as Float32Array
        // Slots of a parameter's own shape lie as the parameter does; others, such as factors of curvature, as they are.
        if (shape.join() !== info.shape.join()) return { name, shape, read }
        return { name, shape: torchShape(info), read: async () => toTorchLayout(info, await read()) }
      }),
    dispose,
  }
}

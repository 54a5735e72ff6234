/** Named tensors that outlive a step: parameters and buffers. */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { AppError } from '../errors/index.ts'
import { initialValue } from './initialize.ts'
import type { BufferInfo, ParameterInfo, TensorTable } from './types.ts'

/** A table that can be emptied. */
export interface OwnedTable extends TensorTable {
  dispose(): void
}

/** Makes the tensors of `infos` with their first values. @throws AppError internal when two share a name. */
export function createTable(infos: readonly (ParameterInfo | BufferInfo)[], seed: number): OwnedTable {
  const values = new Map<string, Tensor>()
  for (const info of infos) {
    if (values.has(info.name))
      throw new AppError('internal', `Two tensors are named '${info.name}'`, { value: info.name })
    values.set(info.name, tf.keep(tf.tensor(initialValue(info, seed), [...info.shape], 'float32')))
  }
  const get = (name: string): Tensor => {
    const found = values.get(name)
    if (found) return found
    throw new AppError('not-found', `No tensor '${name}' in this network`, { value: name })
  }
  return {
    names: () => [...values.keys()],
    get,
    set: (name, value) => {
      const old = get(name)
      if (old === value) return
      const fits = old.shape.join() === value.shape.join() && value.dtype === 'float32'
      if (!fits) throw misfit(name, old, value)
      values.set(name, tf.keep(value))
      old.dispose()
    },
    dispose: () => {
      for (const value of values.values()) value.dispose()
      values.clear()
    },
  }
}

function misfit(name: string, old: Tensor, value: Tensor): AppError {
  const message = `'${name}': expected float32 [${old.shape.join(', ')}], got ${value.dtype} [${value.shape.join(', ')}]`
  return new AppError('checkpoint-mismatch', message, { field: name, expected: old.shape, got: value.shape })
}

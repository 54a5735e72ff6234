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

/**
 * Makes the tensors of `infos` with their first values.
 * @param castFor a value as it is kept, itself or a new tensor.
 * @throws AppError internal when two share a name.
 */
export function createTable<Info extends ParameterInfo | BufferInfo>(
  infos: readonly Info[],
  seed: number,
  castFor: (info: Info, value: Tensor) => Tensor = (_, value) => value,
): OwnedTable {
  const values = new Map<string, Tensor>()
  const infoOf = new Map(infos.map(info => [info.name, info]))
  const kept = (info: Info, value: Tensor): Tensor => {
    const cast = castFor(info, value)
    if (cast !== value) value.dispose()
    return tf.keep(cast)
  }
  for (const info of infos) {
    if (values.has(info.name))
      throw new AppError('internal', `Two tensors are named '${info.name}'`, { value: info.name })
    values.set(info.name, kept(info, tf.tensor(initialValue(info, seed), [...info.shape], 'float32')))
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
      values.set(name, kept(infoOf.get(name)!, value))
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

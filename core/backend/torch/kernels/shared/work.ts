/** The operators of one kernel call: what they make is freed together at the end, but for what was given to tfjs. */
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core'
import type { TorchBackend } from '../../backend.ts'
import { scalarTypeOf } from '../../backend.ts'
import { scalarTypes } from '../../binding.ts'
import type { Argument, Handle } from '../../binding.ts'

type Values = Float32Array | Float64Array | Int32Array | Uint8Array

export class Work {
  readonly backend: TorchBackend
  readonly #made: Handle[] = []

  constructor(backend: TorchBackend) {
    this.backend = backend
  }

  /** The tensor behind an input; it stays tfjs's. */
  of(tensor: TensorInfo): Handle {
    return this.backend.handle(tensor)
  }

  /** An operator of one result. */
  run(name: string, ...args: Argument[]): Handle {
    const made = this.backend.run(name, ...args)
    this.#made.push(made)
    return made
  }

  /** A handle of the addon's other functions, freed like those of operators. */
  own(handle: Handle): Handle {
    this.#made.push(handle)
    return handle
  }

  /** An operator of several results, or of a list. What it was told to leave out is null. */
  many(name: string, ...args: Argument[]): Handle[] {
    const made = this.backend.runMany(name, ...args)
    this.#made.push(...made.filter(each => each !== null))
    return made
  }

  /** An operator that writes into its argument. */
  inPlace(name: string, ...args: Argument[]): void {
    this.backend.run(name, ...args)
  }

  /** Values of JavaScript as a tensor. @param type a code of `scalarTypes` */
  tensor(values: Values, shape: readonly number[], type: number): Handle {
    const made = this.backend.addon.create(values, shape, type, this.backend.device)
    this.#made.push(made)
    return made
  }

  /** Indices as libtorch wants them. */
  indices(values: readonly number[] | Int32Array, shape: readonly number[] = [values.length]): Handle {
    return this.tensor(Int32Array.from(values), shape, scalarTypes.int64)
  }

  /** A tensor full of one value. @param type a code of `scalarTypes` */
  full(shape: readonly number[], value: number, type: number): Handle {
    return this.run('aten::full', shape, value, type, null, this.backend.device)
  }

  /** The same values in another type; the tensor itself where it has it. @param type a code of `scalarTypes` */
  as(handle: Handle, type: number): Handle {
    return this.backend.addon.dtype(handle) === type ? handle : this.run('aten::to.dtype', handle, type)
  }

  /** Floats as they are, everything else as float32. */
  float(handle: Handle): Handle {
    return isFloat(this.backend.addon.dtype(handle)) ? handle : this.as(handle, scalarTypes.float32)
  }

  reshape(handle: Handle, shape: readonly number[]): Handle {
    const made = this.backend.addon.reshape(handle, shape)
    this.#made.push(made)
    return made
  }

  permute(handle: Handle, order: readonly number[]): Handle {
    return this.run('aten::permute', handle, order)
  }

  shape(handle: Handle): number[] {
    return this.backend.addon.shape(handle)
  }

  /** A result for tfjs, dense and in a storage type that fits `dtype`. */
  give(handle: Handle, dtype: DataType, shape: readonly number[] = this.shape(handle)): TensorInfo {
    const { addon } = this.backend
    const stored = addon.dtype(handle)
    const fits = dtype === 'float32' ? isFloat(stored) : stored === scalarTypeOf(dtype)
    const dense = addon.contiguous(fits ? handle : this.as(handle, scalarTypeOf(dtype)))
    return this.backend.adopt(dense, shape, dtype)
  }

  /** Values of JavaScript as a result for tfjs. */
  giveValues(values: Values, dtype: DataType, shape: readonly number[]): TensorInfo {
    const handle = this.backend.addon.create(values, shape, scalarTypeOf(dtype), this.backend.device)
    return this.backend.adopt(handle, shape, dtype)
  }

  free(): void {
    const { addon } = this.backend
    for (const handle of this.#made) addon.dispose(handle)
    this.#made.length = 0
  }
}

function isFloat(type: number): boolean {
  return type === scalarTypes.float32 || type === scalarTypes.bfloat16 || type === scalarTypes.float16
}

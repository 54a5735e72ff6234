/** Values on the host, for the kernels whose result's shape depends on them: sparse, ragged and string tensors. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { AppError } from '../../../../errors/index.ts'
import type { Work } from './work.ts'

/** Waits for the tensor. */
export function integersOf(work: Work, { dataId }: TensorInfo): Int32Array {
  return work.backend.readSync(dataId) as Int32Array
}

/** Waits for the tensor. */
export function numbersOf(work: Work, { dataId }: TensorInfo): Float32Array | Int32Array {
  return work.backend.readSync(dataId) as Float32Array | Int32Array
}

export function giveIntegers(
  work: Work,
  values: readonly number[] | Int32Array,
  shape = [values.length],
): TensorInfo {
  return work.giveValues(Int32Array.from(values), 'int32', shape)
}

/** @throws AppError with the text where the condition does not hold. */
export function require(condition: boolean, message: () => string): void {
  if (!condition) throw new AppError('internal', message())
}

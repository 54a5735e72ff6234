/** tfjs's types of results. */
import type { DataType } from '@tensorflow/tfjs-core'

/** The narrower of two types becomes the wider. */
export function widerOf(a: DataType, b: DataType): DataType {
  if (a === b) return a
  return order.indexOf(a) > order.indexOf(b) ? a : b
}

const order: readonly DataType[] = ['string', 'bool', 'int32', 'float32', 'complex64']

/** Arithmetic on booleans counts. */
export function numeric(dtype: DataType): DataType {
  return dtype === 'bool' ? 'int32' : dtype
}

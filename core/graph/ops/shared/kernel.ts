/** Calls of a tfjs kernel by its name, past the operations of the same name that guess paddings and data formats. */
import * as tf from '@tensorflow/tfjs-core'
import type { NamedAttrMap, Tensor } from '@tensorflow/tfjs-core'

/** Runs a kernel that has one output. */
export function runKernel(
  name: string,
  inputs: Readonly<Record<string, Tensor>>,
  attributes: object,
): Tensor {
  return tf.engine().runKernel(name, { ...inputs }, attributes as NamedAttrMap) as Tensor
}

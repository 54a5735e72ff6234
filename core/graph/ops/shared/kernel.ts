/** Calls of a kernel by its name, past the tfjs operations of the same name that guess paddings and data formats. */
import * as tf from '@tensorflow/tfjs-core'
import type { NamedAttrMap, Tensor } from '@tensorflow/tfjs-core'

type Inputs = Readonly<Record<string, Tensor | undefined>>

/** Runs a kernel that has one output. */
export function runKernel(name: string, inputs: Inputs, attributes: object = {}): Tensor {
  return tf.engine().runKernel(name, present(inputs), attributes as NamedAttrMap) as Tensor
}

/** Runs a kernel that has several outputs. */
export function runKernelMany(name: string, inputs: Inputs, attributes: object = {}): Tensor[] {
  return tf.engine().runKernel(name, present(inputs), attributes as NamedAttrMap) as Tensor[]
}

/** Whether the current backend has a kernel; the fused ones are there once the workbench has started the backend. */
export function hasKernel(name: string): boolean {
  return tf.getKernel(name, tf.getBackend()) != null
}

/** Whether the current backend would rather keep what forward computed than compute it again: its time is dearer than its memory. */
export function keepsActivations(): boolean {
  const backend = tf.findBackend(tf.getBackend()) as { readonly keepsActivations?: boolean } | null
  return backend?.keepsActivations === true
}

function present(inputs: Inputs): Record<string, Tensor> {
  const entries = Object.entries(inputs).filter((pair): pair is [string, Tensor] => pair[1] !== undefined)
  return Object.fromEntries(entries)
}

/** What a kernel file of this folder exports. */
import type { KernelBackend, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core'

/**
 * One kernel that the workbench registers: either tfjs's own (by tfjs's exact name), where a backend lacks it or does
 * it slowly, or a fused one of ours, which every backend gets through `reference`.
 */
export interface KernelEntry {
  readonly name: string
  readonly summary: string
  /** Our implementation for a backend; it replaces what tfjs registered there. */
  readonly on: Readonly<Record<string, KernelFunc>>
  /** The same mathematics as a composition of plain tfjs operations, for every backend that `on` does not name. */
  readonly reference?: KernelFunc
}

/** One call of a kernel, with the types that its kind of call has. */
export interface KernelCall<Inputs, Attributes> {
  readonly inputs: Inputs
  readonly attrs: Attributes
  readonly backend: KernelBackend
}

/** Gives a typed function tfjs's loose kernel type. */
export function implement<Inputs, Attributes = object>(
  run: (call: KernelCall<Inputs, Attributes>) => TensorInfo | TensorInfo[],
): KernelFunc {
  return run as unknown as KernelFunc
}

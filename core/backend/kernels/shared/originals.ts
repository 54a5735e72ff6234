/** tfjs's own kernels that ours replace: for the cases ours leave to them, and to compare with. */
import { engine, getKernel, unregisterKernel } from '@tensorflow/tfjs-core'
import type { KernelBackend, KernelFunc, Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { AppError } from '../../../errors/index.ts'

const originals = new Map<string, KernelFunc>()

/** Takes a kernel out of tfjs's registry and keeps it; does nothing when tfjs has none. */
export function setAside(kernelName: string, backendName: string): void {
  const found = getKernel(kernelName, backendName)
  if (!found) return
  originals.set(`${kernelName} ${backendName}`, found.kernelFunc)
  unregisterKernel(kernelName, backendName)
}

/** @throws AppError internal when tfjs had no such kernel. */
export function originalKernel(kernelName: string, backendName: string): KernelFunc {
  const found = originals.get(`${kernelName} ${backendName}`)
  if (found) return found
  throw new AppError('internal', `tfjs has no kernel ${kernelName} of its own for backend '${backendName}'`)
}

/** What a kernel is called with. */
export interface OriginalCall {
  /** By name, or a list for kernels of any number of inputs. */
  readonly inputs: Readonly<Record<string, TensorInfo>> | readonly TensorInfo[]
  readonly attrs: object
  readonly backend: KernelBackend
}

/** Runs tfjs's own kernel, of one output, on the current backend. */
export function runOriginal(kernelName: string, call: OriginalCall): Tensor {
  const own = originalKernel(kernelName, engine().backendName)
  const made = own(call as unknown as Parameters<KernelFunc>[0]) as TensorInfo | Tensor
  // tfjs-node's kernels return tensors that the engine knows already; a second one would free the memory of the first.
  return 'rank' in made ? made : engine().makeTensorFromTensorInfo(made)
}

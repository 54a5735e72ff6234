/** tfjs's own kernels that ours replace: for the cases ours leave to them, and to compare with. */
import { getKernel, unregisterKernel } from '@tensorflow/tfjs-core'
import type { KernelFunc } from '@tensorflow/tfjs-core'
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

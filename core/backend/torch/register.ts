/** Registers tfjs's kernels for the backend `torch`. */
import { getKernelsForBackend, registerKernel } from '@tensorflow/tfjs-core'
import type { KernelFunc } from '@tensorflow/tfjs-core'
import { torchKernels } from './kernels/index.ts'
import type { TorchKernel } from './kernels/shared/kernel.ts'

/** The name under which tfjs knows this backend; tfjs splits kernel keys at underscores, so it has none. */
export const torchBackendName = 'torch'

const entries: readonly TorchKernel[] = torchKernels.flat()

/** A second call does nothing. */
export function registerTorchKernels(): void {
  if (getKernelsForBackend(torchBackendName).length > 0) return
  for (const { name, run } of entries) {
    registerKernel({
      kernelName: name,
      backendName: torchBackendName,
      kernelFunc: run as unknown as KernelFunc,
    })
  }
}

/**
 * Makes every kernel of a backend throw: a spec that passes all the same proves nothing about the backend, and does not
 * count when the share of excluded specs is computed.
 */
import { getKernelsForBackend, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core'

export function breakKernels(backendName: string): void {
  for (const { kernelName, setupFunc, disposeFunc } of getKernelsForBackend(backendName)) {
    const kernelFunc = (): never => {
      throw new Error(`Kernel ${kernelName} is broken on purpose`)
    }
    unregisterKernel(kernelName, backendName)
    registerKernel({ kernelName, backendName, kernelFunc, setupFunc, disposeFunc })
  }
}

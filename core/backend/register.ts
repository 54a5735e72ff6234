/** Registers the workbench's kernels with tfjs. */
import { registerKernel } from '@tensorflow/tfjs-core'
import { kernels } from './kernels/index.ts'
import type { KernelEntry } from './kernels/shared/kernel.ts'
import { setAside } from './kernels/shared/originals.ts'

const entries: readonly KernelEntry[] = kernels
const done = new Set<string>()

/** Names of the kernels that the workbench brings along. */
export const kernelNames: readonly string[] = entries.map(entry => entry.name)

/** Registers our kernels for a loaded backend; a second call does nothing. */
export function registerKernels(backendName: string): void {
  if (done.has(backendName)) return
  done.add(backendName)
  for (const entry of entries) {
    const kernelFunc = entry.on[backendName] ?? entry.reference
    if (kernelFunc === undefined) continue
    setAside(entry.name, backendName)
    registerKernel({ kernelName: entry.name, backendName, kernelFunc })
  }
}

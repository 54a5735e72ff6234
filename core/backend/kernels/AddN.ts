/**
 * Sum of any number of tensors for WebGPU, where tfjs binds all of them at once, which a device refuses beyond its limit of
 * storage buffers (8 at least). This sums as many at a time as the device takes.
 */
import { addN, tidy } from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { runOriginal } from './shared/originals.ts'

type Inputs = readonly Tensor[]
interface GpuBackend {
  readonly device: { readonly limits: { readonly maxStorageBuffersPerShaderStage: number } }
}

export const AddN: KernelEntry = {
  name: 'AddN',
  summary: 'Sum of tensors of one shape',
  on: { webgpu: implement<Inputs>(onWebgpu) },
}

function onWebgpu({ inputs: terms, attrs, backend }: KernelCall<Inputs, object>): Tensor {
  const { limits } = (backend as unknown as GpuBackend).device
  const most = limits.maxStorageBuffersPerShaderStage - 1 // one is the output
  if (terms.length <= most) return runOriginal('AddN', { inputs: terms, attrs, backend })
  return tidy(() => {
    const sums: Tensor[] = []
    for (let first = 0; first < terms.length; first += most) sums.push(addN(terms.slice(first, first + most)))
    return addN(sums)
  })
}

/** Our WebAssembly module beside tfjs's own: it works on tfjs's tensors in place, in the same memory. */
import type { KernelBackend, TensorInfo } from '@tensorflow/tfjs-core'
import { assemble } from './assembler.ts'
import { convTiles } from './conv-tile.ts'
import { copies } from './copies.ts'
import { filterTiles, patchPackers } from './filter-tile.ts'
import { passes } from './passes.ts'
import { poolGradients } from './pool-gradients.ts'

/** What we use of tfjs's wasm backend. */
export interface WasmBackend extends KernelBackend {
  readonly wasm: {
    readonly asm: { readonly memory: object }
    readonly HEAPF32: Float32Array
    _malloc(sizeBytes: number): number
    _free(address: number): void
  }
  getMemoryOffset(dataId: object): number
  makeOutput(shape: readonly number[], dtype: 'float32'): TensorInfo
}

/** Our functions over the memory of one tfjs wasm backend. Addresses and strides are in bytes. */
export interface SimdModule {
  /** Calls a function of the module; numbers are 32-bit integers, or floats where the function takes floats. */
  call(name: string, ...values: number[]): void
  address(tensor: TensorInfo): number
  /** A new uninitialised float32 tensor. */
  output(shape: readonly number[]): TensorInfo
  /** Working memory of at least that size, valid until the next call of this function. */
  scratch(sizeBytes: number): number
  zero(address: number, sizeBytes: number): void
  /** Views of the memory, valid until the next call of this module. */
  floats(address: number, length: number): Float32Array
  doubles(address: number, length: number): Float64Array
  integers(address: number, length: number): Int32Array
}

/** The few parts of the engine's WebAssembly interface that Node's type declarations leave out. */
const engineApi = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  readonly Instance: new (
    module: object,
    imports: object,
  ) => {
    readonly exports: Readonly<Record<string, (...values: number[]) => void>>
  }
}

const modules = new WeakMap<KernelBackend, SimdModule>()

/** The module of a wasm backend, made at first use. */
export function simdModule(backend: KernelBackend): SimdModule {
  const existing = modules.get(backend)
  if (existing) return existing
  const made = instantiate(backend as WasmBackend)
  modules.set(backend, made)
  return made
}

function instantiate(backend: WasmBackend): SimdModule {
  const { wasm } = backend
  const module = new engineApi.Module(
    assemble([...convTiles, ...filterTiles, ...patchPackers, ...copies, ...passes, ...poolGradients]),
  )
  const functions = new engineApi.Instance(module, { host: { memory: wasm.asm.memory } }).exports
  let [scratchAddress, scratchBytes] = [0, 0]
  return {
    call: (name, ...values) => functions[name]!(...values),
    address: tensor => backend.getMemoryOffset(tensor.dataId),
    output: shape => backend.makeOutput(shape, 'float32'),
    zero: (address, sizeBytes) => void wasm.HEAPF32.fill(0, address / 4, (address + sizeBytes) / 4),
    floats: (address, length) => new Float32Array(wasm.HEAPF32.buffer, address, length),
    doubles: (address, length) => new Float64Array(wasm.HEAPF32.buffer, address, length),
    integers: (address, length) => new Int32Array(wasm.HEAPF32.buffer, address, length),
    scratch: sizeBytes => {
      if (sizeBytes <= scratchBytes) return scratchAddress
      if (scratchBytes > 0) wasm._free(scratchAddress)
      scratchBytes = 0
      scratchAddress = wasm._malloc(sizeBytes) >>> 0
      scratchBytes = sizeBytes
      return scratchAddress
    },
  }
}

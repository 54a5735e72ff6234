/** tfjs's WebAssembly backend with our kernels: the embedded default. One thread in Node, with SIMD. */
import { createRequire } from 'node:module'
import { cpus } from 'node:os'
import { dirname, sep } from 'node:path'
import { engine } from '@tensorflow/tfjs-core'
import { AppError } from '../../errors/index.ts'
import type { BackendEntry } from './shared/backend.ts'

export const wasm: BackendEntry = {
  name: 'wasm',
  summary: 'WebAssembly with SIMD on one processor core; needs nothing installed',
  probe: async () => ({
    available: true,
    kind: 'embedded-cpu',
    device: cpus()[0]?.model.trim() ?? 'CPU',
    detail: 'WebAssembly on one processor core',
  }),
  load: async () => {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm')
    const folder = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))
    if (!isPrepared) setWasmPaths(folder + sep)
  },
  prepare: () => {
    if (isPrepared) return
    isPrepared = true
    removeEmscriptenListeners()
    guardMemory(engine().backend as unknown as { wasm: Allocator })
  },
}

let isPrepared = false
const largestMemoryBytes = 2 ** 32 - 2 ** 16

interface Allocator {
  readonly asm: { malloc(sizeBytes: number): number }
}

/** tfjs takes the address 0 of a failed allocation for a good one and writes there: makes it an error instead. */
function guardMemory({ wasm: allocator }: { wasm: Allocator }): void {
  const allocate = (sizeBytes: number): number => {
    const address = sizeBytes > largestMemoryBytes ? 0 : allocator.asm.malloc(sizeBytes)
    if (address !== 0 || sizeBytes === 0) return address
    const megabytes = Math.ceil(sizeBytes / 2 ** 20)
    const message = `Backend 'wasm': no memory for a tensor of ${megabytes} MB (WebAssembly has at most 4 GB). Lower training.batchSize or input.size`
    throw new AppError('out-of-memory', message, {
      sizeBytes,
      limitBytes: largestMemoryBytes,
      remedy: 'Lower training.batchSize or input.size',
    })
  }
  // Emscripten's own function replaces itself when it is first called, so a plain assignment would not last.
  Object.defineProperty(allocator, '_malloc', { get: () => allocate, set: () => {} })
}

/** Emscripten rethrows every uncaught error of the process from inside itself, which hides where it came from. */
function removeEmscriptenListeners(): void {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    for (const listener of process.listeners(event as 'uncaughtException')) {
      if (/ExitStatus|^function\s*\(reason\)\s*\{\s*throw reason/.test(listener.toString()))
        process.off(event, listener)
    }
  }
}

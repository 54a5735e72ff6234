/** tfjs's WebAssembly backend: the embedded default. One thread in Node, with SIMD. */
import { createRequire } from 'node:module'
import { cpus } from 'node:os'
import { dirname, sep } from 'node:path'
import { engine } from '@tensorflow/tfjs-core'
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
    if (engine().findBackend('wasm') === null) setWasmPaths(folder + sep)
  },
}

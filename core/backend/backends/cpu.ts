/** tfjs's plain JavaScript backend: the reference that every other backend is compared with; far too slow to train. */
import { cpus } from 'node:os'
import { engine } from '@tensorflow/tfjs-core'
import type { BackendEntry } from './shared/backend.ts'

export const cpu: BackendEntry = {
  name: 'cpu',
  summary: 'Plain JavaScript. The reference for correctness; very slow',
  probe: async () => ({
    available: true,
    kind: 'reference-cpu',
    device: cpus()[0]?.model.trim() ?? 'CPU',
    detail: 'Plain JavaScript on one processor core',
  }),
  load: async () => {
    await import('@tensorflow/tfjs-backend-cpu')
    const backend = engine().findBackend('cpu') as unknown as { firstUse: boolean }
    backend.firstUse = false // else it prints an advertisement to install another backend
  },
}

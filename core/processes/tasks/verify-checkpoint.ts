/** Reads a checkpoint whole and compares its hashes. */
import { verifyCheckpoint as verify } from '../../checkpoints/index.ts'
import type { Task } from '../protocol.ts'

export const verifyCheckpoint: Task<'verify-checkpoint'> = {
  name: 'verify-checkpoint',
  run: async ({ path }) => {
    const found = await verify(path)
    const detail =
      found.status === 'valid'
        ? `${found.sizeBytes.toLocaleString('en')} bytes agree with their hashes`
        : found.detail
    return { status: found.status, detail }
  },
}

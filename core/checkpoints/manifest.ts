/** The manifest of a checkpoint: what its files must be, written after all of them. */
import { createHash } from 'node:crypto'
import { open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../errors/index.ts'

export const Manifest = z.object({
  format: z.literal(1),
  files: z
    .array(
      z.object({
        // A plain name, so that a manifest cannot lead out of its folder.
        name: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
        size: z.int().min(0),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .min(1)
    .max(100),
})
export type Manifest = z.output<typeof Manifest>

/** Files that every checkpoint has. */
export const checkpointFiles = ['model.safetensors', 'optimizer.safetensors', 'state.json'] as const
export type CheckpointFile = (typeof checkpointFiles)[number]
/** The moving average of the weights, where a run keeps one. */
export const averageFile = 'ema.safetensors'

export type Verification =
  | { readonly status: 'valid'; readonly sizeBytes: number }
  | { readonly status: 'damaged' | 'missing'; readonly detail: string }

/**
 * Reads every byte of a checkpoint and compares sizes and hashes.
 * @throws AppError data-unreadable when the disk does not answer, which says nothing about the checkpoint.
 */
export async function verifyCheckpoint(path: string): Promise<Verification> {
  const exists = await stat(path).then(
    found => found.isDirectory(),
    (error: unknown) => {
      if (isAbsent(error)) return false
      throw unreadable(path, error)
    },
  )
  if (!exists) return { status: 'missing', detail: `${path} is not there` }
  try {
    const manifest = await readManifest(path)
    let sizeBytes = 0
    for (const file of manifest.files) {
      await readVerified(path, file, false)
      sizeBytes += file.size
    }
    return { status: 'valid', sizeBytes }
  } catch (thrown) {
    const error = AppError.from(thrown)
    if (error.code !== 'checkpoint-damaged') throw error
    return { status: 'damaged', detail: error.message }
  }
}

/** @throws AppError checkpoint-damaged when the manifest is missing or incomplete; data-unreadable. */
export async function readManifest(path: string): Promise<Manifest> {
  const file = join(path, 'manifest.json')
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw readingError(file, error)
  })
  try {
    const manifest = Manifest.parse(JSON.parse(text))
    const names = new Set(manifest.files.map(({ name }) => name))
    const missing = checkpointFiles.find(name => !names.has(name))
    if (missing !== undefined) throw new Error(`it does not list ${missing}`)
    return manifest
  } catch (thrown) {
    const problem = thrown instanceof z.ZodError ? 'it has not the expected form' : (thrown as Error).message
    throw new AppError(
      'checkpoint-damaged',
      `${file}: the manifest cannot be used: ${problem}`,
      { file, problem },
      thrown,
    )
  }
}

/**
 * Reads one file and compares its size and hash.
 * @param keep false only checks, in little memory, and gives empty bytes.
 * @throws AppError checkpoint-damaged naming the file, what was expected and what was found; data-unreadable.
 */
export async function readVerified(
  path: string,
  expected: Manifest['files'][number],
  keep: boolean,
): Promise<Uint8Array> {
  const file = join(path, expected.name)
  const damaged = (problem: string): AppError =>
    new AppError('checkpoint-damaged', `${file}: ${problem}`, { file, problem })
  const handle = await open(file, 'r').catch((error: unknown) => {
    throw readingError(file, error)
  })
  try {
    const { size } = await handle.stat()
    if (size !== expected.size) throw damaged(`expected ${expected.size} bytes, got ${size}`)
    const kept = Buffer.alloc(keep ? size : 0)
    const chunk = Buffer.alloc(Math.min(size, 4 << 20))
    const hash = createHash('sha256')
    for (let offset = 0; offset < size;) {
      const { bytesRead } = await handle.read(chunk, 0, Math.min(chunk.length, size - offset), offset)
      if (bytesRead === 0) throw damaged(`expected ${size} bytes, got ${offset}`)
      hash.update(chunk.subarray(0, bytesRead))
      if (keep) chunk.copy(kept, offset, 0, bytesRead)
      offset += bytesRead
    }
    const sha256 = hash.digest('hex')
    if (sha256 !== expected.sha256)
      throw damaged(`its bytes have changed: SHA-256 ${sha256}, expected ${expected.sha256}`)
    return kept
  } catch (thrown) {
    throw readingError(file, thrown)
  } finally {
    await handle.close()
  }
}

/**
 * A file that is not there, or is no file, is damage. Any other error of the system (a disk that does not answer, no permission, too
 * many open files) may pass, and is no reason to set a checkpoint aside.
 */
export function readingError(file: string, thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown
  if (!isAbsent(thrown)) return unreadable(file, thrown)
  const problem = `it cannot be read (${(thrown as Error).message})`
  return new AppError('checkpoint-damaged', `${file}: ${problem}`, { file, problem }, thrown)
}

function isAbsent(thrown: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP'].includes((thrown as NodeJS.ErrnoException).code ?? '')
}

function unreadable(file: string, thrown: unknown): AppError {
  const message =
    `${file}: it cannot be read now (${(thrown as Error).message}). The checkpoint was left as it is. ` +
    'Check the disk and its permissions and try again'
  const errno = (thrown as NodeJS.ErrnoException).code
  return new AppError('data-unreadable', message, { file, errno }, thrown)
}

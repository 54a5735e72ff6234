/**
 * Writes a checkpoint so that whatever happens meanwhile, a folder named `step-…` is whole or is found out:
 * temporary folder → files → fsync each → manifest with sizes and hashes → fsync → rename → fsync of the parent.
 */
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../errors/index.ts'
import { checkpointName, pinnedFile, replacedPrefix, savingPrefix } from './checkpointFolder.ts'
import { averageFile, type Manifest } from './manifest.ts'
import type { RunState } from './runState.ts'
import { safetensorsHeader, safetensorsSize } from './safetensors.ts'
import { nodeFs, type SavingFile, type SavingFs } from './savingFs.ts'

/** A float32 tensor in torch's layout, read when it is its turn. */
export interface TensorSource {
  readonly name: string
  readonly shape: readonly number[]
  read(): Promise<Float32Array>
}

export interface CheckpointContents {
  readonly model: readonly TensorSource[]
  readonly optimizer: readonly TensorSource[]
  /** The moving average of the weights; null or left out where there is none. */
  readonly average?: readonly TensorSource[] | null
  readonly state: RunState
}

export interface WrittenCheckpoint {
  readonly name: string
  readonly path: string
  readonly sizeBytes: number
}

/**
 * Saves into a folder of checkpoints; one of the same step is replaced.
 * @throws AppError disk-full (with path, bytes needed and free) or data-unreadable; older checkpoints are then as they were, and
 * nothing of the failed one remains.
 */
export async function saveCheckpoint(
  folder: string,
  contents: CheckpointContents,
  fs: SavingFs = nodeFs,
): Promise<WrittenCheckpoint> {
  const name = checkpointName(contents.state.step)
  const path = join(folder, name)
  const temporary = join(folder, `${savingPrefix}${name}`)
  const neededBytes = checkpointSize(contents)
  try {
    await fs.makeFolder(folder)
    await fs.remove(temporary)
    const free = await fs.freeBytes(folder)
    if (free !== null && free < neededBytes)
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    await fs.makeFolder(temporary)
    const files = [
      await writeTensors(fs, temporary, 'model.safetensors', contents.model),
      await writeTensors(fs, temporary, 'optimizer.safetensors', contents.optimizer),
      ...(contents.average ? [await writeTensors(fs, temporary, averageFile, contents.average)] : []),
      await writeText(fs, temporary, 'state.json', json(contents.state)),
    ]
    const manifest: Manifest = { format: 1, files }
    const written = await writeText(fs, temporary, 'manifest.json', json(manifest))
    await fs.syncFolder(temporary)
    await moveIntoPlace(fs, folder, temporary, name)
    const sizeBytes = files.reduce((sum, file) => sum + file.size, written.size)
    return { name, path, sizeBytes }
  } catch (thrown) {
    await fs.remove(temporary).catch(() => {})
    throw await explain(thrown, fs, path, neededBytes)
  }
}

/** Bytes a checkpoint takes, to within a few kilobytes. */
export function checkpointSize({ model, optimizer, average, state }: CheckpointContents): number {
  const tensorBytes = [model, optimizer, average ?? []].map(list =>
    safetensorsSize(safetensorsHeader(list, metadata), list),
  )
  return tensorBytes.reduce((sum, size) => sum + size, json(state).length + 1024)
}

const metadata = { format: 'pt', layout: 'torch', producer: 'multigrain-workbench' }

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

async function writeTensors(
  fs: SavingFs,
  folder: string,
  name: string,
  tensors: readonly TensorSource[],
): Promise<Manifest['files'][number]> {
  return writeHashed(fs, folder, name, async write => {
    await write(safetensorsHeader(tensors, metadata))
    for (const tensor of tensors) {
      const values = await tensor.read()
      await write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    }
  })
}

async function writeText(
  fs: SavingFs,
  folder: string,
  name: string,
  text: string,
): Promise<Manifest['files'][number]> {
  return writeHashed(fs, folder, name, write => write(Buffer.from(text, 'utf8')))
}

async function writeHashed(
  fs: SavingFs,
  folder: string,
  name: string,
  fill: (write: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<Manifest['files'][number]> {
  const hash = createHash('sha256')
  let size = 0
  const file: SavingFile = await fs.create(join(folder, name))
  try {
    await fill(async bytes => {
      hash.update(bytes)
      size += bytes.length
      await file.write(bytes)
    })
    await file.sync()
  } finally {
    await file.close()
  }
  return { name, size, sha256: hash.digest('hex') }
}

/**
 * A folder cannot be renamed over another that has files, so an older one of the same step steps aside first. Who pinned the older
 * one meant this step: the pin goes over before the new folder takes its place.
 */
async function moveIntoPlace(fs: SavingFs, folder: string, temporary: string, name: string): Promise<void> {
  const path = join(folder, name)
  const aside = join(folder, `${replacedPrefix}${name}`)
  await fs.remove(aside)
  const isReplaced = await fs.rename(path, aside).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
  try {
    if (isReplaced && (await isFile(join(aside, pinnedFile)))) await pin(fs, temporary)
    await fs.rename(temporary, path)
  } catch (thrown) {
    if (isReplaced) await fs.rename(aside, path)
    throw thrown
  }
  await fs.syncFolder(folder)
  // What is left of it goes before the next run; the save itself has succeeded.
  if (isReplaced) await fs.remove(aside).catch(() => {})
}

async function pin(fs: SavingFs, folder: string): Promise<void> {
  const file = await fs.create(join(folder, pinnedFile))
  try {
    await file.sync()
  } finally {
    await file.close()
  }
  await fs.syncFolder(folder)
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    found => found.isFile(),
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
}

async function explain(thrown: unknown, fs: SavingFs, path: string, neededBytes: number): Promise<AppError> {
  const error = AppError.from(thrown, `Saving ${path}`)
  if (error.code !== 'disk-full') {
    const isSystemError = typeof error.details['errno'] === 'string'
    return isSystemError
      ? new AppError('data-unreadable', error.message, { ...error.details, path }, thrown)
      : error
  }
  const freeBytes = await fs.freeBytes(join(path, '..'))
  const free = freeBytes === null ? 'an unknown number of' : String(freeBytes)
  const message = `${path}: the disk is full: the checkpoint needs ${neededBytes} bytes, ${free} are free. Free some space or keep fewer checkpoints (checkpoints.keepLast)`
  return new AppError('disk-full', message, { path, neededBytes, freeBytes }, thrown)
}

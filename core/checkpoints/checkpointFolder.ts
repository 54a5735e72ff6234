/** The folder that holds a run's checkpoints: names, order, what a crash left behind, and which checkpoint to trust. */
import { readdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { verifyCheckpoint } from './manifest.ts'
import { nodeFs, type SavingFs } from './savingFs.ts'

/** Begin of the name of a folder that is being written, replaced or deleted. */
export const savingPrefix = '.saving-'
export const replacedPrefix = '.replaced-'
export const deletingPrefix = '.deleting-'
export const damagedPrefix = 'damaged-'
/** File whose presence keeps a checkpoint whatever the retention rule says. */
export const pinnedFile = 'pinned'

const namePattern = /^step-(\d{8,})$/

/** `step-00012345` */
export function checkpointName(step: number): string {
  return `step-${String(step).padStart(8, '0')}`
}

/** Names of the finished checkpoints, newest first. Empty when the folder does not exist. */
export async function listCheckpoints(folder: string): Promise<string[]> {
  const names = await readNames(folder)
  return names.filter(name => namePattern.test(name)).sort((a, b) => stepOf(b) - stepOf(a))
}

/** Step in the name of a checkpoint. */
export function stepOf(name: string): number {
  return Number(namePattern.exec(name)?.[1] ?? NaN)
}

/**
 * Removes what an interrupted save or deletion left. A checkpoint that was being replaced comes back when its successor did not
 * arrive. To be called before a run begins to save, never while another process saves there.
 */
export async function cleanFolder(folder: string, fs: SavingFs = nodeFs): Promise<void> {
  for (const name of await readNames(folder)) {
    const path = join(folder, name)
    if (name.startsWith(replacedPrefix)) {
      const original = join(folder, name.slice(replacedPrefix.length))
      if (await exists(original)) await fs.remove(path)
      else await fs.rename(path, original)
    } else if (name.startsWith(savingPrefix) || name.startsWith(deletingPrefix)) {
      await fs.remove(path)
    }
  }
}

/** A damaged checkpoint that was set aside. */
export interface SetAside {
  /** Its former name. */
  readonly name: string
  readonly problem: string
}

/**
 * The newest checkpoint that passes its check, reading every byte. Damaged ones before it are renamed `damaged-step-…`, never
 * deleted.
 * @param onDamaged is told of each one set aside.
 * @returns its path, or null when there is none.
 * @throws AppError data-unreadable when the disk does not answer; nothing is then set aside.
 */
export async function newestValid(
  folder: string,
  onDamaged: (found: SetAside) => void = () => {},
): Promise<string | null> {
  for (const name of await listCheckpoints(folder)) {
    const path = join(folder, name)
    const verification = await verifyCheckpoint(path)
    if (verification.status === 'valid') return path
    await setAside(folder, name)
    onDamaged({ name, problem: verification.detail })
  }
  return null
}

/** Renames a checkpoint `damaged-step-…`; a number is added when that name is taken. */
export async function setAside(folder: string, name: string): Promise<void> {
  let target = join(folder, `${damagedPrefix}${name}`)
  for (let copy = 2; await exists(target); copy++) target = join(folder, `${damagedPrefix}${name}-${copy}`)
  await rename(join(folder, name), target)
}

async function readNames(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** File systems that kill the process, or fail, in the midst of saving a checkpoint. */
import { basename } from 'node:path'
import { nodeFs, type SavingFile, type SavingFs } from '../../core/checkpoints/index.ts'

/** Moments of a save at which a process may die. */
export const stages = [
  'before write',
  'half written',
  'before fsync',
  'before manifest',
  'before rename',
  'before folder fsync',
  'while deleting',
] as const
export type Stage = (typeof stages)[number]

/** The real file system, but for SIGKILL to this very process at a stage of the `save`-th save, counted from 1. */
export function killingFs(stage: Stage, save: number): SavingFs {
  let saves = 0
  const dieAt = (moment: Stage): void => {
    if (moment === stage && saves === save) process.kill(process.pid, 'SIGKILL')
  }
  return {
    ...nodeFs,
    create: async path => {
      const isModel = basename(path) === 'model.safetensors'
      if (isModel) saves++
      if (isModel) dieAt('before write')
      if (basename(path) === 'manifest.json') dieAt('before manifest')
      const file = await nodeFs.create(path)
      return isModel ? dyingFile(file, dieAt) : file
    },
    rename: async (from, to) => {
      if (basename(from).startsWith('.saving-')) dieAt('before rename')
      await nodeFs.rename(from, to)
      if (basename(to).startsWith('.deleting-')) dieAt('while deleting')
    },
    syncFolder: async path => {
      if (basename(path) === 'checkpoints') dieAt('before folder fsync')
      await nodeFs.syncFolder(path)
    },
  }
}

function dyingFile(file: SavingFile, dieAt: (moment: Stage) => void): SavingFile {
  let isHeader = true
  return {
    ...file,
    write: async bytes => {
      await file.write(isHeader ? bytes : bytes.subarray(0, bytes.length >> 1))
      if (!isHeader) dieAt('half written')
      if (!isHeader) await file.write(bytes.subarray(bytes.length >> 1))
      isHeader = false
    },
    sync: async () => {
      dieAt('before fsync')
      await file.sync()
    },
  }
}

/** The real file system until its user is dead: nothing is written from then on. */
export function deadFs(isDead: () => boolean): SavingFs {
  const check = (): void => {
    if (isDead()) throw new Error('dead')
  }
  const guarded = <Args extends unknown[], Result>(act: (...args: Args) => Promise<Result>) => {
    return async (...args: Args): Promise<Result> => {
      check()
      return act(...args)
    }
  }
  const { makeFolder, create, rename, syncFolder, remove, freeBytes } = nodeFs
  return {
    makeFolder: guarded(makeFolder),
    create: guarded(create),
    rename: guarded(rename),
    syncFolder: guarded(syncFolder),
    remove: guarded(remove),
    freeBytes: guarded(freeBytes),
  }
}

/**
 * The real file system, but for an error at the call numbered `failAt` from 1, and at every later one that takes space until
 * `failUntil`. A write that fails has written half.
 */
export function failingFs(
  code: string,
  failAt: number,
  failUntil = Infinity,
): SavingFs & { readonly calls: () => number } {
  let calls = 0
  const check = (): void => {
    calls++
    if (calls >= failAt && calls <= failUntil) {
      throw Object.assign(new Error(`${code}: injected`), { code, errno: -1, syscall: 'write' })
    }
  }
  return {
    ...nodeFs,
    calls: () => calls,
    freeBytes: async () => null,
    makeFolder: async path => {
      check()
      await nodeFs.makeFolder(path)
    },
    create: async path => {
      check()
      const file = await nodeFs.create(path)
      return {
        ...file,
        write: async bytes => {
          try {
            check()
          } catch (error) {
            await file.write(bytes.subarray(0, bytes.length >> 1))
            throw error
          }
          await file.write(bytes)
        },
        sync: async () => {
          check()
          await file.sync()
        },
      }
    },
    rename: async (from, to) => {
      check()
      await nodeFs.rename(from, to)
    },
    syncFolder: async path => {
      check()
      await nodeFs.syncFolder(path)
    },
  }
}

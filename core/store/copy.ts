/** The copy of each day that lies beside a store, to fall back on. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import type { Database } from './engine.ts'
import { damaged } from './health.ts'

/** Pages of four kilobytes that are copied before all else has its turn. */
const pagesAtOnce = 500

/** See `Store.backup`. Half a copy, and one with something wrong in it, never pass for a backup. */
export async function copyStore(
  database: Database,
  path: string,
  maxAgeMs: number,
  check: (copy: string) => Promise<string | null>,
): Promise<boolean> {
  const target = `${path}.backup`
  const age = Date.now() - (statSync(target, { throwIfNoEntry: false })?.mtimeMs ?? 0)
  if (age < maxAgeMs) return false
  const copy = `${target}.part`
  rmSync(copy, { force: true })
  try {
    await database.backup(copy, { progress: () => pagesAtOnce })
    const problem = await check(copy)
    if (problem !== null) throw damaged(path, problem)
    syncFile(copy)
    renameSync(copy, target)
    return true
  } finally {
    // On a disk that is full, half a copy would take the space that the store itself needs.
    for (const ending of ['', '-wal', '-shm', '-journal']) rmSync(`${copy}${ending}`, { force: true })
  }
}

/** A name must not be on the disk before its content is. */
export function syncFile(path: string): void {
  const file = openSync(path, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

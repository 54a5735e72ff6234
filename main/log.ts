/** The host's own log: defects with their stack, in a file that cannot grow without end. */
import { appendFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { AppError } from '../core/errors/index.ts'

const largestBytes = 5 * 1024 * 1024

/** Makes `report`, which never throws. */
export function errorLog(folder: string): (error: AppError) => void {
  const path = join(folder, 'host.log')
  return error => {
    try {
      if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > largestBytes)
        renameSync(path, `${path}.old`)
      appendFileSync(path, `${new Date().toISOString()} ${error.code} ${describe(error)}\n`, { mode: 0o600 })
    } catch {
      // A full disk must not end the host.
    }
  }
}

function describe(error: Error): string {
  const cause = error.cause instanceof Error ? `\n  caused by ${describe(error.cause)}` : ''
  return `${error.stack ?? error.message}${cause}`
}

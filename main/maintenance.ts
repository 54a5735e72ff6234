/** What a store needs now and then: its write-ahead log folded back, and a copy of each day that was read through. */
import { spawn } from 'node:child_process'
import { AppError } from '../core/errors/index.ts'
import type { Store } from '../core/store/index.ts'
import { nodePath } from './nodePath.ts'
import { scriptPath } from './paths.ts'
import { plainEnvironment } from './supervision/child.ts'

/** A copy of the store is renewed when it is older than a day. */
const backupAgeMs = 24 * 3600 * 1000
const everyMs = 30_000

/** @param onTrouble told of each failure. @returns the end of it. */
export function maintain(store: Store, onTrouble: (error: AppError) => void): () => void {
  let isRenewing = false
  let hasEnded = false
  const tell = (thrown: unknown): void => {
    if (!hasEnded) onTrouble(AppError.from(thrown, 'maintenance of the store'))
  }
  const timer = setInterval(() => {
    try {
      store.maintain()
    } catch (thrown) {
      tell(thrown)
    }
    if (isRenewing) return
    isRenewing = true
    void store
      .backup(backupAgeMs, checkCopy)
      .catch(tell)
      .finally(() => (isRenewing = false))
  }, everyMs).unref()
  return () => {
    hasEnded = true
    clearInterval(timer)
  }
}

/** Has a copy read through by another process, as a large one takes seconds. @returns what is wrong, or null. @throws when it cannot be told. */
export function checkCopy(path: string): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(nodePath(), [scriptPath('main', 'checkCopy'), path], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: plainEnvironment(),
    })
    let [found, complaint] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => (found += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text))
    child.on('error', reject)
    child.on('close', code => {
      if (code === 0) resolve(found.trim() || null)
      else reject(new AppError('internal', `${path} could not be checked: ${complaint.slice(-1000)}`))
    })
  })
}

/** One build at a time: two set-ups at once would do the same work twice. */
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

const pollMs = 200

/**
 * Does the work while holding the lock. A lock whose holder was killed is taken over. Should two take it over at the same moment, they
 * build side by side, which costs time and harms nothing: every file is written whole and then renamed.
 * @template T
 * @param {string} path
 * @param {() => void} onWait called once when another holds it.
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, onWait, work) {
  mkdirSync(dirname(path), { recursive: true })
  let hasWaited = false
  while (!take(path)) {
    const holder = holderOf(path)
    if (holder === null || !isAlive(holder)) {
      rmSync(path, { force: true })
      continue
    }
    if (!hasWaited) onWait()
    hasWaited = true
    await new Promise(resolve => setTimeout(resolve, pollMs))
  }
  try {
    return await work()
  } finally {
    if (holderOf(path) === process.pid) rmSync(path, { force: true })
  }
}

/** @param {string} path */
function take(path) {
  const own = `${path}-${process.pid}`
  writeFileSync(own, String(process.pid))
  try {
    linkSync(own, path) // never seen without its content
    return true
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(own, { force: true })
  }
}

/** @param {string} path */
function holderOf(path) {
  try {
    return Number(readFileSync(path, 'utf8')) || null
  } catch {
    return null
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}

/** Remembers that the dependencies of this very lock file are installed, and which Node runs everything. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** @param {string} root */
const stampPath = root => join(root, 'node_modules', '.multigrain-setup')

/**
 * The Node of a finished set-up, or null when there is none or the lock file has changed since.
 * @param {string} root
 * @returns {string | null}
 */
export function readyNode(root) {
  const stamp = readStamp(root)
  if (stamp === null || stamp.lock !== lockHash(root)) return null
  return existsSync(stamp.node) ? stamp.node : null
}

/**
 * @param {string} root
 * @param {string} node path of the Node that runs everything.
 */
export function writeStamp(root, node) {
  writeFileSync(stampPath(root), JSON.stringify({ lock: lockHash(root), node }))
}

/** @param {string} root */
function lockHash(root) {
  const path = join(root, 'package-lock.json')
  return existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : 'no-lock'
}

/**
 * @param {string} root
 * @returns {{ lock: string, node: string } | null}
 */
function readStamp(root) {
  try {
    const stamp = JSON.parse(readFileSync(stampPath(root), 'utf8'))
    return typeof stamp.lock === 'string' && typeof stamp.node === 'string' ? stamp : null
  } catch {
    return null
  }
}

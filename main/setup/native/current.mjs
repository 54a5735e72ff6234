/** `build/current.json` of an addon: the product to load and what it was built from, or why there is none. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesBelow, hashOf } from './sources.mjs'

/**
 * @typedef {object} Failure
 * @property {'unsupported' | 'no-libtorch' | 'no-compiler' | 'no-libjpeg' | 'build-failed' | 'does-not-load'} kind
 * @property {string} message
 * @property {string} remedy
 * @property {string | null} log file with all that the compiler said.
 *
 * @typedef {object} Current
 * @property {1} format
 * @property {string} sources hash of the sources.
 * @property {string} asked the value of LIBTORCH.
 * @property {string} arch
 * @property {number} nodeApi
 * @property {string} compiler
 * @property {{ path: string, sizeBytes: number } | null} product its path from the folder of current.json.
 * @property {import('./libtorch.mjs').Libtorch | null} libtorch
 * @property {Failure | null} failure
 */

/** @param {string} build */
const path = build => join(build, 'current.json')

/**
 * @param {string} build
 * @returns {Current | null}
 */
export function readCurrent(build) {
  try {
    const current = JSON.parse(readFileSync(path(build), 'utf8'))
    return current.format === 1 ? current : null
  } catch {
    return null
  }
}

/**
 * @param {string} build
 * @param {Current} current
 */
export function writeCurrent(build, current) {
  mkdirSync(build, { recursive: true })
  const temporary = `${path(build)}.${process.pid}.tmp`
  writeFileSync(temporary, `${JSON.stringify(current, null, 2)}\n`)
  renameSync(temporary, path(build))
}

/** @param {string} build */
export function forgetCurrent(build) {
  rmSync(path(build), { force: true })
}

/**
 * Names and contents of all sources of an addon.
 * @param {string} folder
 */
export function sourcesHash(folder) {
  const files = filesBelow(folder, ['.cc', '.h'])
  return hashOf(...files.flatMap(file => [file.slice(folder.length), readFileSync(file, 'utf8')]))
}

/**
 * Whether what is recorded still holds: the same sources and, when there is a product, the same product and libtorch.
 * @param {string} root
 * @param {import('./addons.mjs').Addon} addon
 * @param {NodeJS.ProcessEnv} env
 */
export function isUpToDate(root, addon, env) {
  const build = join(root, addon.build)
  const current = readCurrent(build)
  if (current === null || current.sources !== sourcesHash(join(root, addon.folder))) return false
  if (current.asked !== (env['LIBTORCH'] ?? '')) return false
  if (current.product === null) return true
  const files = [
    { ...current.product, path: join(build, current.product.path), mtimeMs: null },
    ...(current.libtorch?.files ?? []),
  ]
  return files.every(isUnchanged)
}

function isUnchanged(/** @type {{ path: string, sizeBytes: number, mtimeMs: number | null }} */ file) {
  if (!existsSync(file.path)) return false
  const { size, mtimeMs } = statSync(file.path)
  return size === file.sizeBytes && (file.mtimeMs === null || Math.round(mtimeMs) === file.mtimeMs)
}

/** Bundles the app with electron-vite, when a source has changed since the last time. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expectSuccess } from './step.mjs'

const sources = ['core', 'main', 'preload', 'renderer', 'electron.vite.config.ts', 'package-lock.json']
const outputs = ['out/renderer/index.html']

/**
 * @param {string} node
 * @returns {import('./step.mjs').Step}
 */
export function buildApp(node) {
  return {
    name: 'building the app',
    isOptional: false,
    timeLimitMs: 5 * 60_000,
    remedy: '`npm run build` shows the details',
    run: async (machine, timeLimitMs) => {
      const fingerprint = fingerprintOf(machine.root)
      const script = join(machine.root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
      const result = await machine.run(node, [script, 'build', '--logLevel', 'warn'], {
        cwd: machine.root,
        timeLimitMs,
      })
      if (result.code !== 0) machine.say(result.output)
      expectSuccess(result, 'electron-vite')
      machine.writeText(stampPath(machine.root), fingerprint)
    },
  }
}

/** @param {import('./machine.mjs').Machine} machine */
export function isBuilt(machine) {
  const isThere = outputs.every(path => machine.exists(join(machine.root, path)))
  return isThere && machine.readText(stampPath(machine.root)) === fingerprintOf(machine.root)
}

/** @param {string} root */
const stampPath = root => join(root, 'out', '.build')

/**
 * Path, size and time of change of every source.
 * @param {string} root
 */
export function fingerprintOf(root) {
  const hash = createHash('sha256')
  for (const source of sources) addTo(hash, root, source)
  return hash.digest('hex')
}

/**
 * @param {import('node:crypto').Hash} hash
 * @param {string} root
 * @param {string} path
 */
function addTo(hash, root, path) {
  const absolute = join(root, path)
  if (!existsSync(absolute)) return
  const found = statSync(absolute)
  if (!found.isDirectory()) {
    hash.update(`${path} ${found.size} ${found.mtimeMs}\n`)
    return
  }
  // What the addons were compiled to is no source of the app.
  if (path.endsWith('/native/build')) return
  for (const name of readdirSync(absolute).sort()) addTo(hash, root, `${path}/${name}`)
}

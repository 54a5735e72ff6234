/** The npm packages of the lock file, installed without running any script of theirs. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expectSuccess } from './step.mjs'

/** @type {import('./step.mjs').Step} */
export const installDependencies = {
  name: 'installing the npm packages',
  isOptional: false,
  timeLimitMs: 20 * 60_000,
  remedy:
    'Check the network and the disk (about 1 GB), then try again; `npm ci --ignore-scripts` shows the details. Behind a proxy set HTTPS_PROXY',
  run: async (machine, timeLimitMs) => {
    const args = [
      'ci',
      '--ignore-scripts',
      '--include=dev',
      '--include=optional',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ]
    const npm = npmCommand(machine)
    const result = await machine.run(npm.command, [...npm.args, ...args], {
      cwd: machine.root,
      timeLimitMs,
      show: true,
    })
    expectSuccess(result, 'npm ci')
  },
}

/**
 * The npm that started the launcher, else the one on the PATH.
 * @param {import('./machine.mjs').Machine} machine
 */
export function npmCommand(machine) {
  const script = machine.env['npm_execpath']
  if (script && /\.c?js$/.test(script) && machine.exists(script))
    return { command: machine.nodePath, args: [script] }
  return { command: machine.platform === 'win32' ? 'npm.cmd' : 'npm', args: [] }
}

/**
 * Whether node_modules already holds what the lock file asks for, as when the packages were installed by hand. npm keeps a lock file
 * of what is there in `node_modules/.package-lock.json`.
 * @param {string} root
 */
export function isInstalled(root) {
  const wanted = packagesOf(join(root, 'package-lock.json'))
  const present = packagesOf(join(root, 'node_modules', '.package-lock.json'))
  if (wanted === null || present === null) return false
  return Object.entries(wanted).every(([path, { version, optional, peer }]) => {
    if (path === '') return true
    const found = present[path]
    return found === undefined ? optional === true || peer === true : found.version === version
  })
}

/**
 * @param {string} path
 * @returns {Record<string, { version?: string, optional?: boolean, peer?: boolean }> | null}
 */
function packagesOf(path) {
  if (!existsSync(path)) return null
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages ?? null
  } catch {
    return null
  }
}

/** The npm packages of the lock file, installed without running any script of theirs. */
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fetchNode } from './fetch-node.mjs'
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
    const fetched = await fetchNode(machine, npmCommand(machine))
    try {
      const npm = npmCommand(machine, fetched?.path)
      const result = await machine.run(npm.command, [...npm.args, ...args], {
        cwd: machine.root,
        env: npm.env,
        timeLimitMs,
        show: true,
      })
      expectSuccess(result, 'npm ci')
    } finally {
      fetched?.remove()
    }
  },
}

/**
 * The npm that started the launcher, else the one on the PATH.
 * @param {import('./machine.mjs').Machine} machine
 * @param {string} [node] the Node that npm runs on.
 * @returns {import('./fetch-node.mjs').NpmCommand}
 */
function npmCommand(machine, node = machine.nodePath) {
  const script = machine.env['npm_execpath']
  // npm's own first line looks for `node` on the PATH.
  const env = { ...machine.env, PATH: [dirname(node), machine.env['PATH'] ?? ''].join(delimiter) }
  if (script && /\.c?js$/.test(script) && machine.exists(script))
    return { command: node, args: [script], env }
  return { command: machine.platform === 'win32' ? 'npm.cmd' : 'npm', args: [], env }
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

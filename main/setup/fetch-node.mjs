/**
 * The pinned Node, fetched before everything else where this machine's Node is too old for npm to install the rest: npm leaves out, without a
 * word, optional packages that ask for a newer Node than the one it runs on, and sharp's and the bundler's binaries are such.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packagedNode } from './pinned-node.mjs'

/** The oldest Node that every package of the lock file accepts. */
const oldEnough = [22, 12]

/**
 * @typedef {{ command: string, args: readonly string[], env: NodeJS.ProcessEnv }} NpmCommand
 */

/**
 * @param {import('./machine.mjs').Machine} machine
 * @param {NpmCommand} npm
 * @returns {Promise<{ path: string, remove: () => void } | null>} null where it is not needed, or is not to be had.
 */
export async function fetchNode(machine, npm) {
  const packaged = packagedNode(machine)
  if (packaged === null || isAtLeast(machine.nodeVersion, oldEnough)) return null
  const folder = mkdtempSync(join(tmpdir(), 'multigrain-node-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const wanted = `${packaged.name}@${versionOf(machine, packaged.name)}`
  const args = [
    'install',
    '--prefix',
    folder,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    wanted,
  ]
  const options = { cwd: folder, env: npm.env, timeLimitMs: 10 * 60_000 }
  const { code } = await machine.run(npm.command, [...npm.args, ...args], options)
  const path = join(folder, 'node_modules', packaged.place)
  if (code === 0 && machine.exists(path)) return { path, remove }
  remove()
  return null
}

/**
 * @param {string} version
 * @param {readonly number[]} least
 */
function isAtLeast(version, least) {
  const parts = version.split('.').map(Number)
  const [major = 0, minor = 0] = parts
  const [leastMajor = 0, leastMinor = 0] = least
  return major > leastMajor || (major === leastMajor && minor >= leastMinor)
}

/**
 * @param {import('./machine.mjs').Machine} machine
 * @param {string} name
 */
function versionOf(machine, name) {
  const text = machine.readText(join(machine.root, 'package.json'))
  return text === null ? 'latest' : (JSON.parse(text).optionalDependencies?.[name] ?? 'latest')
}

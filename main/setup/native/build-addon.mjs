/** Builds one addon, tries whether it loads, and records the outcome for those who load it. */
import { statSync, writeFileSync, mkdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { jpegAddon, jpegRecipe, nodeApi, sourcesOf, torchAddon, torchRecipe } from './addons.mjs'
import { BuildFailure, compileAndLink, findCompiler } from './compile.mjs'
import { readCurrent, sourcesHash, writeCurrent } from './current.mjs'
import { findLibtorch } from './libtorch.mjs'
import { withLock } from './lock.mjs'
import { hasLibjpeg, remedies } from './needs.mjs'

/**
 * @typedef {import('./current.mjs').Current} Current
 * @typedef {import('./current.mjs').Failure} Failure
 * @typedef {import('./addons.mjs').Addon} Addon
 * @typedef {import('../machine.mjs').Machine} Machine
 */

/** A reason for which there is no addon, to be recorded and shown. */
class Refusal extends Error {
  /**
   * @param {Failure['kind']} kind
   * @param {string} message
   * @param {string} remedy
   * @param {string | null} log
   */
  constructor(kind, message, remedy, log = null) {
    super(message)
    this.failure = { kind, message, remedy, log }
  }
}

/**
 * Builds what has changed; what fails is recorded, and tried again only when something has changed or on request.
 * @param {Machine} machine
 * @param {string} node path of the Node that will load it.
 * @param {Addon} addon
 * @param {{ retry?: boolean }} [options]
 * @returns {Promise<Current | null>} null when the addon has no sources.
 */
export async function buildAddon(machine, node, addon, { retry = false } = {}) {
  if (sourcesOf(machine.root, addon).length === 0) return null
  const build = join(machine.root, addon.build)
  const waiting = () => machine.say(`Set-up: ${addon.name}: waiting for another set-up that builds it`)
  return withLock(join(build, 'lock'), waiting, async () => {
    const current = await attempt(machine, node, addon, retry)
    writeCurrent(build, current)
    return current
  })
}

/** @type {(machine: Machine, node: string, addon: Addon, retry: boolean) => Promise<Current>} */
async function attempt(machine, node, addon, retry) {
  const build = join(machine.root, addon.build)
  /** @type {Current} */
  const current = {
    format: 1,
    sources: sourcesHash(join(machine.root, addon.folder)),
    asked: machine.env['LIBTORCH'] ?? '',
    arch: machine.arch,
    nodeApi,
    compiler: '',
    product: null,
    libtorch: null,
    failure: null,
  }
  try {
    const { compiler, recipe } = await ingredients(machine, node, addon, current)
    current.compiler = compiler.version
    const before = readCurrent(build)
    if (!retry && before?.failure && sameAttempt(before, current)) return before
    const product = await compileAndLink(machine, compiler, recipe)
    const path = relative(build, product)
    if (before?.product?.path !== path) await tryToLoad(machine, node, product)
    current.product = { path, sizeBytes: statSync(product).size }
  } catch (error) {
    current.failure = failureOf(error, build)
  }
  return current
}

/** @type {(machine: Machine, node: string, addon: Addon, current: Current) => Promise<{ compiler: import('./compile.mjs').Compiler, recipe: import('./compile.mjs').Recipe }>} */
async function ingredients(machine, node, addon, current) {
  if (machine.platform !== 'linux')
    throw new Refusal('unsupported', `the native addons are built on Linux only so far`, remedies.unsupported)
  if (addon === torchAddon) {
    const { libtorch, reason } = await findLibtorch(machine)
    if (libtorch === null) throw new Refusal('no-libtorch', reason, remedies.libtorch(machine))
    current.libtorch = libtorch
  }
  if (addon === jpegAddon && !hasLibjpeg(machine))
    throw new Refusal(
      'no-libjpeg',
      'the header of libjpeg-turbo (jpeglib.h) was not found',
      remedies.libjpeg(machine),
    )
  const compiler = await findCompiler(machine)
  if (compiler === null)
    throw new Refusal(
      'no-compiler',
      'no C++ compiler was found (g++, c++ or clang++)',
      remedies.compiler(machine),
    )
  // Packages are built for folders that lie elsewhere later.
  const rpath = machine.env['MULTIGRAIN_ADDON_RPATH']
  const recipe =
    current.libtorch === null
      ? jpegRecipe(machine.root, node, rpath !== undefined)
      : torchRecipe(machine.root, node, current.libtorch, rpath)
  return { compiler, recipe }
}

/** Whether the same was tried before: compiling for a minute at every start, only to fail again, helps nobody. */
function sameAttempt(/** @type {Current} */ before, /** @type {Current} */ now) {
  const isBuild = before.failure?.kind === 'build-failed' || before.failure?.kind === 'does-not-load'
  const ingredientsOf = (/** @type {Current} */ { sources, asked, compiler, libtorch }) =>
    JSON.stringify([sources, asked, compiler, libtorch])
  return isBuild && ingredientsOf(before) === ingredientsOf(now)
}

/** In a process of its own: an addon that does not fit may take its process down. */
async function tryToLoad(
  /** @type {Machine} */ machine,
  /** @type {string} */ node,
  /** @type {string} */ product,
) {
  const script = `process.dlopen({ exports: {} }, ${JSON.stringify(product)})`
  const result = await machine.run(node, ['-e', script], { timeLimitMs: 2 * 60_000 })
  if (result.code === 0) return
  const line = /Error: (.+)/.exec(result.output)?.[1] ?? `its process ended with exit code ${result.code}`
  const reason = line.replace(`${product}: `, '')
  throw new Refusal('does-not-load', `${product} was built and does not load: ${reason}`, remedies.notLoading)
}

/** @type {(error: unknown, build: string) => Failure} */
function failureOf(error, build) {
  if (error instanceof Refusal) return error.failure
  const message = error instanceof Error ? error.message : String(error)
  if (!(error instanceof BuildFailure))
    return { kind: 'build-failed', message, remedy: remedies.build, log: null }
  const log = join(build, 'build.log')
  mkdirSync(build, { recursive: true })
  writeFileSync(log, error.log)
  return {
    kind: 'build-failed',
    message: `compiling failed: ${message}`,
    remedy: `See ${log}. ${remedies.build}`,
    log,
  }
}

/**
 * The native addons: `torch`, the tfjs backend on libtorch, and `jpeg`, which decodes photographs. Built where what they need is there;
 * without them everything works, and more slowly. `node main/setup/native.mjs` builds what has changed and prints the paths.
 */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { thisMachine } from './machine.mjs'
import { jpegAddon, sourcesOf, torchAddon } from './native/addons.mjs'
import { buildAddon } from './native/build-addon.mjs'
import { withChoice } from './native/choice.mjs'
import { findCompiler } from './native/compile.mjs'
import { isUpToDate } from './native/current.mjs'
import { findLibtorch } from './native/libtorch.mjs'
import { hasLibjpeg, nativeNeeds } from './native/needs.mjs'
import { findNode } from './pinned-node.mjs'
import { supplySystemPackages } from './system-packages.mjs'

/**
 * @typedef {import('./machine.mjs').Machine} Machine
 * @typedef {import('./native/addons.mjs').Addon} Addon
 * @typedef {import('./native/current.mjs').Current} Current
 */

const addons = [torchAddon, jpegAddon]

/** Somebody has said no to installing packages, or it did not work: not to be asked again at every start. */
const askedPath = (/** @type {string} */ root) => join(root, 'node_modules', '.multigrain-native-asked')

/**
 * Gets both addons ready; never fails.
 * @param {Machine} machine
 * @param {string} node path of the Node that will load them.
 * @param {{ retry?: boolean }} [options] ask for missing packages, and build, although it was to no avail before.
 * @returns {Promise<Map<string, Current>>} what came of each addon.
 */
export async function supplyNative(machine, node, { retry = false } = {}) {
  if (machine.platform === 'linux') await supplyPackages(machine, retry)
  return buildAll(machine, node, retry)
}

/**
 * Builds where sources have changed since the last time. A look at the files, and nothing else, where they have not.
 * @param {string} root
 */
export async function refreshNative(root) {
  if (addons.every(addon => isSettled(root, addon, withChoice(root, process.env)))) return
  const machine = thisMachine(root)
  await buildAll(machine, await findNode(machine), false)
}

/**
 * @param {Map<string, Current>} outcomes
 * @throws Error when an addon is missing.
 */
export function expectNative(outcomes) {
  for (const [name, { failure }] of outcomes) {
    if (failure === null) continue
    const cause = `${failure.message}. ${failure.remedy}`
    throw new Error(`CI=true asks for every test, and the native addon '${name}' is missing: ${cause}`)
  }
}

/** @type {(root: string, addon: Addon, env: NodeJS.ProcessEnv) => boolean} */
const isSettled = (root, addon, env) => sourcesOf(root, addon).length === 0 || isUpToDate(root, addon, env)

async function supplyPackages(/** @type {Machine} */ machine, /** @type {boolean} */ retry) {
  if (machine.exists(askedPath(machine.root)) && !retry) return
  const [{ libtorch }, compiler] = await Promise.all([findLibtorch(machine), findCompiler(machine)])
  // A folder that was asked for is right or wrong; a package would not change that.
  const isTorchThere = libtorch !== null || Boolean(machine.env['LIBTORCH'])
  const isThere = { libtorch: isTorchThere, compiler: compiler !== null }
  if (isThere.libtorch && isThere.compiler && hasLibjpeg(machine)) return
  machine.writeText(askedPath(machine.root), String(Date.now()))
  await supplySystemPackages(machine, nativeNeeds(isThere))
}

/** @type {(machine: Machine, node: string, retry: boolean) => Promise<Map<string, Current>>} */
async function buildAll(machine, node, retry) {
  /** @type {Map<string, Current>} */
  const outcomes = new Map()
  for (const addon of addons) {
    const current = await buildAddon(machine, node, addon, { retry })
    if (current === null) continue
    outcomes.set(addon.name, current)
    const { failure } = current
    if (failure !== null)
      machine.say(`Set-up: no native addon '${addon.name}': ${failure.message}. ${failure.remedy}`)
  }
  return outcomes
}

async function main() {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
  const machine = thisMachine(root)
  const outcomes = await buildAll(machine, await findNode(machine), true)
  for (const { name, build } of addons) {
    const product = outcomes.get(name)?.product
    if (product) process.stdout.write(`${join(root, build, product.path)}\n`)
  }
  return [...outcomes.values()].every(({ product }) => product !== null) ? 0 : 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main()

/** `npm run setup`: every step of set-up, or the named ones. */
import { buildApp, isBuilt } from './build.mjs'
import { fetchRuntime, runtimePath } from './electron.mjs'
import { syncIndexes } from './indexes.mjs'
import { thisMachine } from './machine.mjs'
import { supplyNative } from './native.mjs'
import { prepare } from './prepare.mjs'
import { perform } from './step.mjs'
import { chromiumNeed, supplySystemPackages, vulkanNeed } from './system-packages.mjs'
import { fetchTensorflow, isTensorflowThere, supplyTensorflow } from './tensorflow.mjs'

/** @type {Record<string, (machine: import('./machine.mjs').Machine, node: string, isNamed: boolean) => Promise<void | boolean>>} */
const parts = {
  dependencies: async () => {},
  system: async machine => supplySystemPackages(machine, [chromiumNeed, vulkanNeed]),
  native: async (machine, node, isNamed) => {
    const outcomes = await supplyNative(machine, node, { retry: isNamed })
    return [...outcomes.values()].every(({ failure }) => failure === null)
  },
  build: async (machine, node) => {
    await syncIndexes(machine, node)
    if (!isBuilt(machine)) await perform(machine, buildApp(node))
  },
  electron: async (machine, node) => {
    if (runtimePath(machine) === null) await perform(machine, fetchRuntime(node))
  },
  tensorflow: async (machine, node, isNamed) => {
    if (!isNamed) await supplyTensorflow(machine, node)
    else if (!isTensorflowThere(machine)) await perform(machine, fetchTensorflow(node))
  },
}

/**
 * @param {string} root
 * @param {readonly string[]} args
 * @returns {Promise<number>} exit code.
 */
export async function setup(root, args) {
  const machine = thisMachine(root, { isYes: args.includes('--yes') })
  const names = args.filter(arg => !arg.startsWith('--'))
  const unknown = names.find(name => !Object.hasOwn(parts, name))
  if (unknown !== undefined) {
    machine.say(`setup: there is no part '${unknown}'. Known: ${Object.keys(parts).join(', ')}`)
    return 2
  }
  const node = await prepare(root, args, machine)
  for (const [name, part] of Object.entries(parts)) {
    const isNamed = names.includes(name)
    if (names.length > 0 && !isNamed) continue
    const isThere = await part(machine, node, isNamed)
    // What was asked for by name has failed when it is not there; everything else works without it.
    if (isNamed && isThere === false) return 1
  }
  machine.say('Set-up: ready')
  return 0
}

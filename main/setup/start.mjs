/** `npm start`: gets the workbench ready and opens it, in Electron where that works, else in the browser. */
import { join } from 'node:path'
import { buildApp, isBuilt } from './build.mjs'
import { chooseElectron } from './electron.mjs'
import { handOver } from './hand-over.mjs'
import { syncIndexes } from './indexes.mjs'
import { thisMachine } from './machine.mjs'
import { supplyNative } from './native.mjs'
import { prepare } from './prepare.mjs'
import { perform } from './step.mjs'
import { supplyTensorflow } from './tensorflow.mjs'

/** Arguments that only make sense for the web host. */
const webArguments = ['--no-open', '--port', '--host', '--web']

/**
 * @param {string} root
 * @param {readonly string[]} args
 * @returns {Promise<number>} exit code.
 */
export async function start(root, args) {
  const machine = thisMachine(root, { isYes: args.includes('--yes') })
  const node = await prepare(root, args, machine)
  if (!isBuilt(machine)) {
    await syncIndexes(machine, node)
    await perform(machine, buildApp(node))
  }
  await supplyNative(machine, node)
  await supplyTensorflow(machine, node)
  const env = { ...process.env, MULTIGRAIN_NODE: node }
  const rest = args.filter(arg => arg !== '--yes' && arg !== '--web')
  const electron = await chooseShell(machine, node, args)
  if (electron !== null) return handOver(electron, [root, ...rest], { env, cwd: root })
  return handOver(node, [join(root, 'main', 'web.ts'), ...rest], { env })
}

/**
 * @param {import('./machine.mjs').Machine} machine
 * @param {string} node
 * @param {readonly string[]} args
 * @returns {Promise<string | null>} Electron's program, or null for the web host.
 */
export async function chooseShell(machine, node, args) {
  if (args.some(arg => webArguments.some(name => arg === name || arg.startsWith(`${name}=`)))) return null
  const { path, reason } = await chooseElectron(machine, node)
  if (reason !== null) machine.say(`Opening in the browser: ${reason}`)
  return path
}

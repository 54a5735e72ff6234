/** What every command needs: the npm packages and the pinned Node. */
import { installDependencies, isInstalled } from './dependencies.mjs'
import { thisMachine } from './machine.mjs'
import { findNode } from './pinned-node.mjs'
import { readyNode, writeStamp } from './stamp.mjs'
import { perform } from './step.mjs'

/**
 * @param {string} root
 * @param {readonly string[]} args
 * @param {import('./machine.mjs').Machine} [machine]
 * @returns {Promise<string>} path of the Node that runs everything.
 */
export async function prepare(root, args, machine = thisMachine(root, { isYes: args.includes('--yes') })) {
  const ready = readyNode(root)
  if (ready !== null) return ready
  if (!isInstalled(root)) await perform(machine, installDependencies)
  const node = await findNode(machine)
  writeStamp(root, node)
  return node
}

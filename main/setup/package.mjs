/** `npm run package`: gets ready what a package is made of and makes it on the pinned Node. */
import { join } from 'node:path'
import { buildApp, isBuilt } from './build.mjs'
import { handOver } from './hand-over.mjs'
import { thisMachine } from './machine.mjs'
import { prepare } from './prepare.mjs'
import { perform } from './step.mjs'

/**
 * @param {string} root
 * @param {readonly string[]} args
 * @returns {Promise<number>} exit code.
 */
export async function packageApp(root, args) {
  const machine = thisMachine(root, { isYes: args.includes('--yes') })
  const node = await prepare(root, args, machine)
  if (!isBuilt(machine)) await perform(machine, buildApp(node))
  const rest = args.filter(arg => arg !== '--yes')
  return handOver(node, [join(root, 'main', 'packaging', 'index.ts'), ...rest], { cwd: root })
}

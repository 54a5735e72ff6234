/**
 * The native addons: `torch`, the tfjs backend on libtorch, and `jpeg`, which decodes photographs. Built where what they need is there;
 * without them everything works, and more slowly. `node main/setup/native.mjs` builds what has changed and prints the paths.
 */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { thisMachine } from './machine.mjs'
import { jpegAddon, torchAddon } from './native/addons.mjs'
import { buildAddon } from './native/build-addon.mjs'
import { findNode } from './pinned-node.mjs'

/**
 * Builds both addons and prints where they are.
 * @param {string} root
 */
async function buildNative(root) {
  const machine = thisMachine(root)
  const node = await findNode(machine)
  let isGood = true
  for (const addon of [torchAddon, jpegAddon]) {
    const current = await buildAddon(machine, node, addon)
    if (current?.failure)
      machine.say(`Set-up: ${addon.name}: ${current.failure.message}. ${current.failure.remedy}`)
    if (current?.product) process.stdout.write(`${join(root, addon.build, current.product.path)}\n`)
    isGood &&= current === null || current.product !== null
  }
  return isGood
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
  process.exitCode = (await buildNative(root)) ? 0 : 1
}

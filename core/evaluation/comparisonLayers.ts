/** Layers of a network at which two networks can be compared: where everything that follows reads one value alone. */
import { prune, evaluationRoles } from '../graph/prune.ts'
import { stepsOf } from '../graph/steps.ts'
import type { Graph } from '../graph/index.ts'

/**
 * Ends of blocks, from the input to the output, the embedding and the logits among them. Within a block, as between branches, no value
 * says all that the network knows.
 * @param most evenly many of them where there are more
 */
export function milestones(graph: Graph, most: number): string[] {
  const roles = evaluationRoles(graph).filter(role => role === 'logits' || role === 'embedding')
  const part = prune(graph, roles)
  const steps = stepsOf(part)
  const lastRead = new Map<string, number>()
  steps.forEach(({ inputs }, at) => inputs.forEach(name => lastRead.set(name, at)))
  const kept = new Set(Object.values(part.outputs))
  const found: string[] = []
  /** Values that a later step reads. */
  const live = new Set<string>(['input'])
  steps.forEach(({ output, op }, at) => {
    live.add(output)
    for (const name of live) if (name !== output && (lastRead.get(name) ?? -1) <= at) live.delete(name)
    const follower = steps[at + 1]
    const isHalf = op.name === 'conv' && follower?.op.name === 'batch_norm'
    if (kept.has(output) || (live.size === 1 && !isHalf)) found.push(output)
  })
  if (found.length <= most) return found
  const chosen = new Set(
    Array.from({ length: most }, (_, at) => found[Math.round((at * (found.length - 1)) / (most - 1))]!),
  )
  return found.filter(name => chosen.has(name) || kept.has(name))
}

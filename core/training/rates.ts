/** Which parameters are trained, and at which share of the learning rate and of the weight decay. */
import { AppError } from '../errors/index.ts'
import type { RunConfig } from '../experiment/index.ts'
import type { Graph, ParameterInfo } from '../graph/index.ts'
import { matchedBy, matchesPattern } from '../graph/patterns.ts'

export interface Rates {
  isTrained(info: ParameterInfo): boolean
  /** Factors of the run's learning rate and of the optimizer's weight decay. */
  of(info: ParameterInfo): { readonly learningRate: number; readonly weightDecay: number }
}

/**
 * @throws AppError invalid-config for a pattern that no parameter has, naming the field; also when nothing is left to train.
 */
export function ratesOf(graph: Graph, { training }: Pick<RunConfig, 'training'>): Rates {
  const names = graph.nodes.flatMap(node => node.parameters).map(({ name }) => name)
  const frozen = matched(training.freeze, names, 'training.freeze')
  if (frozen.size === names.length) {
    const message = 'training.freeze: it leaves nothing to train. Name fewer layers'
    throw new AppError('invalid-config', message, { field: 'training.freeze', value: training.freeze })
  }
  matched(
    training.groups.map(({ match }) => match),
    names,
    'training.groups',
  )
  const depths = depthsOf(graph)
  return {
    isTrained: ({ name }) => !frozen.has(name),
    of: info => {
      // The last group that matches counts, so that general ones may come first.
      const group = training.groups.findLast(({ match }) => matchesPattern(info.name, match))
      const byDepth = training.layerDecay ** (depths.last - (depths.of.get(info.name) ?? depths.last))
      return {
        learningRate: (info.learningRateFactor ?? 1) * (group?.learningRateFactor ?? 1) * byDepth,
        weightDecay: info.decays === false ? 0 : (group?.weightDecayFactor ?? 1),
      }
    },
  }
}

function matched(patterns: readonly string[], names: readonly string[], field: string): ReadonlySet<string> {
  const { matched: found, unmatched } = matchedBy(patterns, names)
  const [first] = unmatched
  if (first === undefined) return found
  const some = names.filter(name => name.endsWith('.weight')).slice(0, 8)
  const message = `${field}: no parameter matches '${first}'. Parameters are named like ${some.join(', ')}`
  throw new AppError('invalid-config', message, { field, value: first })
}

/** How deep each parameter lies: by blocks, the part of the name before the second-last dot; the classifier is the deepest. */
function depthsOf({ nodes }: Graph): { readonly of: ReadonlyMap<string, number>; readonly last: number } {
  const blocks: string[] = []
  const of = new Map<string, number>()
  for (const { name } of nodes.flatMap(node => node.parameters)) {
    const block = name
      .split('.')
      .slice(0, 2)
      .join('.')
      .replace(/\.(weight|bias)$/, '')
    if (!blocks.includes(block)) blocks.push(block)
    of.set(name, blocks.indexOf(block))
  }
  return { of, last: blocks.length - 1 }
}

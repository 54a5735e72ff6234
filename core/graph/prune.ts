/** Parts of a graph: what some outputs need, and a graph with the numbers that a loss learns. */
import { AppError } from '../errors/index.ts'
import { operation } from './operation.ts'
import type { Graph } from './types.ts'

/** Roles that evaluation asks for. */
export function evaluationRoles({ outputs, trainingOutputs = [] }: Graph): string[] {
  return Object.keys(outputs).filter(role => !trainingOutputs.includes(role))
}

/**
 * The nodes that some outputs need, and no others.
 * @throws AppError not-found for a role that the graph does not have.
 */
export function prune(graph: Graph, roles: readonly string[]): Graph {
  const nodes = new Map(graph.nodes.map(node => [node.name, node]))
  const outputs = Object.fromEntries(roles.map(role => [role, outputOf(graph, role)]))
  const needed = new Set(['input'])
  const visit = (name: string): void => {
    if (needed.has(name)) return
    needed.add(name)
    nodes.get(name)?.inputs.forEach(visit)
  }
  Object.values(outputs).forEach(visit)
  return { ...graph, nodes: graph.nodes.filter(({ name }) => needed.has(name)), outputs }
}

/** A graph with a parameter and an output for each number that a loss learns; the graph itself when there is none. */
export function withLossParameters(
  graph: Graph,
  parameters: readonly {
    readonly role: string
    readonly initial: number
    readonly learningRateFactor: number
  }[],
): Graph {
  if (parameters.length === 0) return graph
  const { shape, state } = operation('parameter')
  const added = parameters.map(({ role, initial, learningRateFactor }) => {
    const attributes = { value: initial, learningRateFactor }
    const held = state?.(role, [], attributes) ?? { parameters: [], buffers: [] }
    return {
      name: role,
      op: 'parameter',
      inputs: [],
      attributes,
      shape: shape([], attributes, never),
      ...held,
    }
  })
  const roles = parameters.map(({ role }) => role)
  return {
    ...graph,
    nodes: [...graph.nodes, ...added],
    outputs: { ...graph.outputs, ...Object.fromEntries(roles.map(role => [role, role])) },
    trainingOutputs: [...(graph.trainingOutputs ?? []), ...roles],
  }
}

function outputOf(graph: Graph, role: string): string {
  const found = graph.outputs[role]
  if (found !== undefined) return found
  const known = Object.keys(graph.outputs)
  const message = `${graph.name}: no output '${role}'. It has: ${known.join(', ')}`
  throw new AppError('not-found', message, { value: role, known })
}

function never(problem: string): never {
  throw new AppError('internal', problem)
}

/**
 * A graph as the executor runs it: one step per node, with batch norm swallowing the addition and the ReLU that follow it.
 * The graph itself keeps its nodes, for people and for export.
 */
import { operation } from './operation.ts'
import type { Op } from './ops/shared/op.ts'
import type { Graph, GraphNode } from './types.ts'

export interface Step {
  readonly op: Op
  /** The node with its fused attributes; its name is the one its parameters carry. */
  readonly node: GraphNode
  readonly inputs: readonly string[]
  /** Name of the value it makes: the last of the fused nodes. */
  readonly output: string
  /** Full names of tensors that are another node's, by the name under which the step asks for them. */
  readonly borrowed?: Readonly<Record<string, string>>
}

/** The steps of a graph in the order they run, the input left out. */
export function stepsOf(graph: Graph): Step[] {
  const consumers = consumersOf(graph)
  const outputs = new Set(Object.values(graph.outputs))
  /** The only reader of a value that nobody else may see. */
  const soleReader = (name: string): GraphNode | null => {
    const readers = consumers.get(name) ?? []
    return readers.length === 1 && !outputs.has(name) ? readers[0]! : null
  }
  const fusedInto = new Map<string, string>()
  const steps: { readonly at: string; readonly step: Step }[] = []
  for (const node of graph.nodes) {
    if (node.op === 'input' || fusedInto.has(node.name)) continue
    const tail = node.op === 'batch_norm' ? tailOf(node, soleReader, fusedInto) : []
    for (const swallowed of tail) fusedInto.set(swallowed.name, node.name)
    const output = tail.at(-1)?.name ?? node.name
    steps.push({ at: output, step: tail.length === 0 ? plainStep(node) : fusedStep(node, tail, output) })
  }
  // A fused step runs where its last node stood, for its addend must exist by then.
  const position = new Map(graph.nodes.map((node, index) => [node.name, index]))
  return steps.sort((a, b) => position.get(a.at)! - position.get(b.at)!).map(({ step }) => step)
}

/** Nodes that batch norm can swallow: relu, or add, or add and relu. */
function tailOf(
  node: GraphNode,
  soleReader: (name: string) => GraphNode | null,
  taken: ReadonlyMap<string, string>,
): GraphNode[] {
  const first = soleReader(node.name)
  if (first?.op === 'relu') return [first]
  if (
    first?.op !== 'add' ||
    first.inputs.length !== 2 ||
    first.inputs[0] === first.inputs[1] ||
    taken.has(first.name)
  )
    return []
  const second = soleReader(first.name)
  return second?.op === 'relu' ? [first, second] : [first]
}

function plainStep(node: GraphNode): Step {
  return { op: operation(node.op), node, inputs: node.inputs, output: node.name }
}

function fusedStep(node: GraphNode, tail: readonly GraphNode[], output: string): Step {
  const addition = tail.find(each => each.op === 'add')
  const addend = addition?.inputs.find(input => input !== node.name)
  const attributes = { ...node.attributes, relu: tail.at(-1)?.op === 'relu', addend: addend !== undefined }
  const inputs = addend === undefined ? node.inputs : [...node.inputs, addend]
  return { op: operation(node.op), node: { ...node, attributes, inputs }, inputs, output }
}

function consumersOf(graph: Graph): Map<string, GraphNode[]> {
  const consumers = new Map<string, GraphNode[]>()
  for (const node of graph.nodes) {
    for (const input of node.inputs) {
      const readers = consumers.get(input)
      if (readers) readers.push(node)
      else consumers.set(input, [node])
    }
  }
  return consumers
}

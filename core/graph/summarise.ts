/** Counts of a graph: parameters, multiply-accumulates, and a row for every node. */
import { operation } from './operation.ts'
import type { Graph } from './types.ts'

export interface LayerSummary {
  readonly name: string
  readonly op: string
  readonly inputs: readonly string[]
  /** Without the batch. */
  readonly shape: readonly number[]
  readonly parameterCount: number
  /** Multiply-accumulates for one image. */
  readonly macs: number
}

export interface GraphSummary {
  /** Trainable values; running statistics are not counted. */
  readonly parameterCount: number
  /** Multiply-accumulates of convolutions and dense layers for one image, as published figures count them. */
  readonly macs: number
  readonly layers: readonly LayerSummary[]
}

/** Counts a graph. */
export function summarise(graph: Graph): GraphSummary {
  const shapes = new Map(graph.nodes.map(node => [node.name, node.shape]))
  const layers = graph.nodes.map(node => ({
    name: node.name,
    op: node.op,
    inputs: node.inputs,
    shape: node.shape,
    parameterCount: node.parameters.reduce(
      (sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1),
      0,
    ),
    macs: operation(node.op).macs(
      node,
      node.inputs.map(input => shapes.get(input) ?? []),
    ),
  }))
  return {
    parameterCount: layers.reduce((sum, layer) => sum + layer.parameterCount, 0),
    macs: layers.reduce((sum, layer) => sum + layer.macs, 0),
    layers,
  }
}

/** First weights of a network as a safetensors file, so that PyTorch's side of a comparison starts from the same. */
import { writeFileSync } from 'node:fs'
import { safetensorsHeader } from '../../core/checkpoints/safetensors.ts'
import { torchShape, toTorchLayout } from '../../core/checkpoints/torchLayout.ts'
import type { Graph } from '../../core/graph/index.ts'
import { initialValue } from '../../core/graph/initialize.ts'

/** Writes what `createExecutor(graph, { seed })` begins with, in torch's layout. */
export function writeFirstWeights(path: string, graph: Graph, seed: number): void {
  const parameters = graph.nodes.flatMap(node => node.parameters)
  const header = safetensorsHeader(
    parameters.map(info => ({ name: info.name, shape: torchShape(info) })),
    {},
  )
  const values = parameters.map(info => {
    const { buffer, byteOffset, byteLength } = toTorchLayout(info, initialValue(info, seed))
    return Buffer.from(buffer, byteOffset, byteLength)
  })
  writeFileSync(path, Buffer.concat([header, ...values]))
}

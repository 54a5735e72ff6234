/** The classifier of a network, where it is one dense layer on the embedding. */
import type { Network } from '../evaluation/network.ts'
import type { Classifier } from './whitening/whitening.ts'

/** Weights [classCount, width] as torch has them; null where the classifier is something else. */
export async function classifierOf(network: Network): Promise<Classifier | null> {
  const [height, width] = network.checkpoint.state.inputShape
  const { graph, parameters } = network.at(height, width)
  const node = graph.nodes.find(({ name }) => name === graph.outputs['logits'])
  // Dropout, which does nothing here, may stand between.
  const before = graph.nodes.find(({ name }) => name === node?.inputs[0])
  const input = before?.op === 'dropout' ? before.inputs[0] : before?.name
  if (node?.op !== 'dense' || input !== graph.outputs['embedding']) return null
  const names = node.parameters.map(({ name }) => name)
  if (!names.includes(`${node.name}.bias`)) return null
  const kernel = parameters.get(`${node.name}.weight`) // [in,out]
  const [inputs, outputs] = kernel.shape as [number, number]
  const values = await kernel.data()
  const weight = new Float32Array(inputs * outputs)
  for (let c = 0; c < inputs; c++)
    for (let k = 0; k < outputs; k++) weight[k * inputs + c] = values[c * outputs + k]!
  return { weight, bias: await parameters.get(`${node.name}.bias`).data() }
}

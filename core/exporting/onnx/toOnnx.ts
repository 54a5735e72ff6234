/** A network as an ONNX model, ready to be written. */
import type { GraphNode } from '../../graph/index.ts'
import { elementCount, type Network } from '../network.ts'
import type { Initializer, OnnxModel, OnnxNode, ValueInfo } from './messages.ts'
import { operationOf, type Writer } from './operations.ts'

export interface OnnxOptions {
  /** Given: the model takes uint8 pixels [N,H,W,C] and normalises them itself. On the scale 0 to 1, one per channel. */
  readonly normalisation?: { readonly mean: readonly number[]; readonly std: readonly number[] } | undefined
  /** Whether the embedding is divided by its length. */
  readonly normalisesEmbedding: boolean
}

/** Name of the input. */
export const imagesName = 'images'
const batch = 'N'

/** Added to an embedding's length, so that none is divided by zero (facebookresearch/multigrain). */
const leastLength = 1e-6

/** Nodes, constants, inputs and outputs of the model. */
export function toOnnx(
  network: Network,
  options: OnnxOptions,
): Pick<OnnxModel, 'nodes' | 'initializers' | 'inputs' | 'outputs'> {
  const { graph, weights } = network
  const [height, width, channels] = graph.inputShape
  const nodes: OnnxNode[] = []
  const initializers = new Map<string, Initializer>()
  const values = new Map<string, string>()
  const shapes = new Map(graph.nodes.map(({ name, shape }) => [name, shape]))
  let scope = ''
  let count = 0
  const keep = (initializer: Initializer): string => {
    initializers.set(initializer.name, initializer)
    return initializer.name
  }
  const writer: Writer = {
    input: (node, position) => values.get(node.inputs[position]!)!,
    emit: (type, inputs, attributes = {}) => {
      const output = `${scope}/${type}${count++ === 0 ? '' : `_${count}`}`
      nodes.push({ type, inputs, output, attributes })
      return output
    },
    weight: (node, suffix) => {
      const name = `${node.name}.${suffix}`
      const weight = weights.get(name)
      return weight && keep({ name, weight })
    },
    values: (node, suffix) => weights.get(`${node.name}.${suffix}`)?.read(),
    floats: (name, weight) => keep({ name, weight }),
    integers: (name, integers) => keep({ name, integers }),
    inputShape: (node, position) => shapes.get(node.inputs[position]!)!,
  }
  const within = (name: string, write: () => string): string => {
    scope = name
    count = 0
    return write()
  }
  const write = (node: GraphNode): string =>
    node.op === 'input'
      ? within('input', () => images(writer, channels, options))
      : within(node.name, () => operationOf(node)(node, writer))
  for (const node of graph.nodes) values.set(node.name, write(node))

  const outputs = Object.entries(graph.outputs).map(([role, name]): ValueInfo => {
    const normalises = role === 'embedding' && options.normalisesEmbedding
    const value = within(role, () => (normalises ? normalised(writer, values.get(name)!) : values.get(name)!))
    // An output has a name of its own; a copy of one value costs nothing.
    nodes.push({ type: 'Identity', inputs: [value], output: role, attributes: {} })
    return { name: role, type: 'float32', shape: [batch, ...imageOrder(shapes.get(name)!)] }
  })
  const input: ValueInfo = options.normalisation
    ? { name: imagesName, type: 'uint8', shape: [batch, height, width, channels] }
    : { name: imagesName, type: 'float32', shape: [batch, channels, height, width] }
  return { nodes, initializers: [...initializers.values()], inputs: [input], outputs }
}

/** Bytes of the weights of a model. */
export function weightBytes({ initializers }: Pick<OnnxModel, 'initializers'>): number {
  return initializers.reduce(
    (sum, each) => sum + ('weight' in each ? elementCount(each.weight.shape) * 4 : 0),
    0,
  )
}

/** (x/255 − mean)/std of pixels, where the model normalises; else the input as it is. */
function images(writer: Writer, channels: number, { normalisation }: OnnxOptions): string {
  if (!normalisation) return imagesName
  const { mean, std } = normalisation
  const perChannel = (name: string, of: (channel: number) => number): string =>
    writer.floats(`input.${name}`, {
      shape: [1, channels, 1, 1],
      read: () => Float32Array.from({ length: channels }, (_, channel) => of(channel)),
    })
  const floats = writer.emit('Cast', [imagesName], { to: 1 })
  const turned = writer.emit('Transpose', [floats], { perm: [0, 3, 1, 2] })
  const centred = writer.emit('Sub', [turned, perChannel('mean', channel => 255 * mean[channel]!)])
  return writer.emit('Div', [centred, perChannel('std', channel => 255 * std[channel]!)])
}

/** e/(‖e‖₂ + 1e-6) */
function normalised(writer: Writer, x: string): string {
  const length = writer.emit('ReduceL2', [x], { axes: [1], keepdims: 1 })
  const least = writer.floats('embedding.least', { shape: [], read: () => Float32Array.of(leastLength) })
  return writer.emit('Div', [x, writer.emit('Add', [length, least])])
}

function imageOrder(shape: readonly number[]): readonly number[] {
  return shape.length === 3 ? [shape[2]!, shape[0]!, shape[1]!] : shape
}

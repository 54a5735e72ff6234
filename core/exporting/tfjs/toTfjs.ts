/** A network as a tfjs graph model: nodes, and the constants in the order in which they are stored. */
import { fromTorchLayout } from '../../checkpoints/torchLayout.ts'
import type { GraphNode } from '../../graph/index.ts'
import { elementCount, type Network, type Weight } from '../network.ts'
import type { OnnxOptions } from '../onnx/toOnnx.ts'
import { constant, flag, placeholder, type DataType, type NodeDef } from './graphDef.ts'
import { operationOf, type Writer } from './operations.ts'

export const imagesName = 'images'

export interface StoredConstant {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: 'float32' | 'int32'
  read(): Uint8Array
}

export interface TfjsModel {
  readonly nodes: readonly NodeDef[]
  readonly constants: readonly StoredConstant[]
  readonly input: { readonly dtype: DataType; readonly shape: readonly number[] }
  /** Shape of each output by its role; the batch is -1. */
  readonly outputs: Readonly<Record<string, readonly number[]>>
}

/** Added to an embedding's length, so that none is divided by zero (facebookresearch/multigrain). */
const leastLength = 1e-6

export function toTfjs({ graph, weights }: Network, options: OnnxOptions): TfjsModel {
  const nodes: NodeDef[] = []
  const constants = new Map<string, StoredConstant>()
  const values = new Map<string, string>()
  const shapes = new Map(graph.nodes.map(({ name, shape }) => [name, shape]))
  let scope = ''
  let count = 0
  const keep = (each: StoredConstant): string => {
    if (!constants.has(each.name))
      nodes.push(constant(each.name, each.dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT', each.shape))
    constants.set(each.name, each)
    return each.name
  }
  const writer: Writer = {
    input: (node, position) => values.get(node.inputs[position]!)!,
    emit: (op, input, attributes = {}) => {
      const name = `${scope}/${op}${count++ === 0 ? '' : `_${count}`}`
      nodes.push({ name, op, input, attr: { T: { type: 'DT_FLOAT' }, ...attributes } })
      return name
    },
    weight: (node, suffix) => {
      const weight = weights.get(`${node.name}.${suffix}`)
      return weight && keep(inTfjsLayout(node, suffix, weight))
    },
    values: (node, suffix) => weights.get(`${node.name}.${suffix}`)?.read(),
    floats: (name, shape, array) => keep({ name, shape, dtype: 'float32', read: () => bytesOf(array) }),
    // Paddings are pairs; everything else is a list.
    integers: (name, list) => {
      const shape = name.endsWith('/paddings') ? [list.length / 2, 2] : [list.length]
      const isScalar = name.endsWith('/axis')
      const read = (): Uint8Array => bytesOf(Int32Array.from(list))
      return keep({ name, shape: isScalar ? [] : shape, dtype: 'int32', read })
    },
    inputShape: (node, position) => shapes.get(node.inputs[position]!)!,
  }
  const within = (name: string, write: () => string): string => {
    scope = name
    count = 0
    return write()
  }
  const dtype = options.normalisation ? 'DT_INT32' : 'DT_FLOAT'
  const inputShape = [-1, ...graph.inputShape]
  nodes.push(placeholder(imagesName, dtype, inputShape))
  for (const node of graph.nodes)
    values.set(
      node.name,
      node.op === 'input'
        ? within('input', () => images(writer, graph.inputShape[2], options))
        : within(node.name, () => operationOf(node)(node, writer)),
    )
  const outputs = Object.entries(graph.outputs).map(([role, name]) => {
    const normalises = role === 'embedding' && options.normalisesEmbedding
    const value = within(role, () => (normalises ? normalised(writer, values.get(name)!) : values.get(name)!))
    nodes.push({ name: role, op: 'Identity', input: [value], attr: { T: { type: 'DT_FLOAT' } } })
    return [role, [-1, ...shapes.get(name)!]] as const
  })
  const all = [...constants.values()]
  return { nodes, constants: all, input: { dtype, shape: inputShape }, outputs: Object.fromEntries(outputs) }
}

export function bytesIn({ shape }: StoredConstant): number {
  return elementCount(shape) * 4
}

/** (x/255 − mean)/std of pixels, where the model normalises; else the input as it is. */
function images(writer: Writer, channels: number, { normalisation }: OnnxOptions): string {
  if (!normalisation) return imagesName
  const { mean, std } = normalisation
  const perChannel = (name: string, of: (channel: number) => number): string =>
    writer.floats(
      `input/${name}`,
      [channels],
      Float32Array.from({ length: channels }, (_, channel) => of(channel)),
    )
  const types = { SrcT: { type: 'DT_INT32' }, DstT: { type: 'DT_FLOAT' } } as const
  const floats = writer.emit('Cast', [imagesName], types)
  const centred = writer.emit('Sub', [floats, perChannel('mean', channel => 255 * mean[channel]!)])
  return writer.emit('RealDiv', [centred, perChannel('std', channel => 255 * std[channel]!)])
}

/** e/(‖e‖₂ + 1e-6) */
function normalised(writer: Writer, x: string): string {
  const axes = writer.integers('embedding/axes', [1])
  const squares = writer.emit('Sum', [writer.emit('Square', [x]), axes], { keep_dims: flag(true) })
  const least = writer.floats('embedding/least', [], Float32Array.of(leastLength))
  return writer.emit('RealDiv', [x, writer.emit('AddV2', [writer.emit('Sqrt', [squares]), least])])
}

function inTfjsLayout(node: GraphNode, suffix: string, weight: Weight): StoredConstant {
  const name = `${node.name}.${suffix}`
  const info = node.parameters.find(each => each.name === name)
  const shape = info?.shape ?? weight.shape
  const read = (): Uint8Array => bytesOf(info ? fromTorchLayout(info, weight.read()) : weight.read())
  return { name, shape, dtype: 'float32', read }
}

function bytesOf(values: Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

/**
 * From operations of a graph to ONNX's. Tensors are [N,C,H,W] there, so that windows keep their numbers and the order of axes is
 * what changes: flattening has to turn the image back first.
 */
import { AppError } from '../../errors/index.ts'
import type { GraphNode } from '../../graph/index.ts'
import type { Window } from '../../graph/ops/shared/window.ts'
import { powerOf } from '../gem.ts'
import type { Weight } from '../network.ts'
import type { Attribute } from './messages.ts'

/** What an operation may say of itself while it is written. */
export interface Writer {
  /** Name of an input's value. */
  input(node: GraphNode, position: number): string
  /**
   * Writes an operation of ONNX.
   * @param output name of its value; a name within the node when left out
   * @returns the name
   */
  emit(type: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>): string
  /** Name of a weight of the node by the last part of its name; undefined where it has none. */
  weight(node: GraphNode, suffix: string): string | undefined
  values(node: GraphNode, suffix: string): Float32Array | undefined
  /** A constant that the network has no name for. */
  floats(name: string, weight: Weight): string
  integers(name: string, values: readonly number[]): string
  /** Shape of an input without the batch, [H,W,C] or [C]. */
  inputShape(node: GraphNode, position: number): readonly number[]
}

/** Writes a node. @returns the name of its value. */
type Operation = (node: GraphNode, writer: Writer) => string

const endOfAxis = 2 ** 31 - 1

const operations: Readonly<Record<string, Operation>> = {
  conv: (node, writer) => {
    const weights = ['weight', 'bias'].flatMap(suffix => writer.weight(node, suffix) ?? [])
    return writer.emit('Conv', [writer.input(node, 0), ...weights], { ...windowOf(node), group: 1 })
  },
  batch_norm: (node, writer) => {
    const shape = [node.shape.at(-1)!]
    const constant = (suffix: string, value: number): string =>
      writer.weight(node, suffix) ??
      writer.floats(`${node.name}.${suffix}`, { shape, read: () => new Float32Array(shape[0]!).fill(value) })
    const { epsilon, momentum } = node.attributes as { epsilon: number; momentum: number }
    const inputs = [
      writer.input(node, 0),
      constant('weight', 1),
      constant('bias', 0),
      writer.weight(node, 'running_mean')!,
      writer.weight(node, 'running_var')!,
    ]
    return writer.emit('BatchNormalization', inputs, {
      epsilon: { float: epsilon },
      momentum: { float: 1 - momentum },
    })
  },
  relu: (node, writer) => writer.emit('Relu', [writer.input(node, 0)]),
  sigmoid: (node, writer) => writer.emit('Sigmoid', [writer.input(node, 0)]),
  add: (node, writer) => writer.emit(node.inputs.length === 2 ? 'Add' : 'Sum', allInputs(node, writer)),
  concat: (node, writer) => writer.emit('Concat', allInputs(node, writer), { axis: 1 }),
  max_pool: (node, writer) => writer.emit('MaxPool', [writer.input(node, 0)], windowOf(node)),
  avg_pool: (node, writer) =>
    writer.emit('AveragePool', [writer.input(node, 0)], { ...windowOf(node), count_include_pad: 0 }),
  global_avg_pool: (node, writer) =>
    flattened(writer, writer.emit('GlobalAveragePool', [writer.input(node, 0)])),
  gem: (node, writer) => {
    const { p, floor, isMean } = powerOf(node, suffix => writer.values(node, suffix))
    const x = writer.input(node, 0)
    if (isMean) return flattened(writer, writer.emit('GlobalAveragePool', [x]))
    if (p === Infinity) return flattened(writer, writer.emit('GlobalMaxPool', [x]))
    const number = (name: string, value: number): string =>
      writer.floats(`${node.name}.${name}`, { shape: [], read: () => Float32Array.of(value) })
    const powers = writer.emit('Pow', [writer.emit('Clip', [x, number('floor', floor)]), number('power', p)])
    const mean = writer.emit('GlobalAveragePool', [powers])
    return flattened(writer, writer.emit('Pow', [mean, number('root', 1 / p)]))
  },
  // [N,C,H,W] times [N,C].
  scale: (node, writer) => {
    const axes = writer.integers(`${node.name}.axes`, [2, 3])
    const factors = writer.emit('Unsqueeze', [writer.input(node, 1), axes])
    return writer.emit('Mul', [writer.input(node, 0), factors])
  },
  dense: (node, writer) => {
    const weights = ['weight', 'bias'].flatMap(suffix => writer.weight(node, suffix) ?? [])
    return writer.emit('Gemm', [writer.input(node, 0), ...weights], { transB: 1 })
  },
  // Nothing outside of training.
  dropout: (node, writer) => writer.input(node, 0),
  drop_path: (node, writer) => writer.input(node, 0),
  flatten: (node, writer) => {
    const x = writer.input(node, 0)
    if (writer.inputShape(node, 0).length === 1) return x
    return flattened(writer, writer.emit('Transpose', [x], { perm: [0, 2, 3, 1] }))
  },
  shortcut_a: (node, writer) => {
    const { stride } = node.attributes as { stride: number }
    const added = node.shape[2]! - writer.inputShape(node, 0)[2]!
    let x = writer.input(node, 0)
    if (stride > 1) {
      const range = { starts: [0, 0], ends: [endOfAxis, endOfAxis], axes: [2, 3], steps: [stride, stride] }
      const inputs = Object.entries(range).map(([name, values]) =>
        writer.integers(`${node.name}.${name}`, values),
      )
      x = writer.emit('Slice', [x, ...inputs])
    }
    if (added === 0) return x
    return writer.emit('Pad', [x, writer.integers(`${node.name}.pads`, [0, 0, 0, 0, 0, added, 0, 0])])
  },
}

/** @throws AppError invalid-request for an operation that ONNX export does not know. */
export function operationOf({ op, name }: GraphNode): Operation {
  const found = Object.hasOwn(operations, op) ? operations[op] : undefined
  if (found) return found
  const known = Object.keys(operations)
  const message = `export: the operation '${op}' of '${name}' cannot be written. Known: ${known.join(', ')}`
  throw new AppError('invalid-request', message, { node: name, op, known })
}

function windowOf(node: GraphNode): Record<string, readonly number[]> {
  const { kernel, strides, padding } = node.attributes as unknown as Window
  const [top, bottom, left, right] = padding
  return { kernel_shape: kernel, strides, pads: [top, left, bottom, right] }
}

function allInputs(node: GraphNode, writer: Writer): string[] {
  return node.inputs.map((_, position) => writer.input(node, position))
}

/** [N,C,1,1] as [N,C]. */
function flattened(writer: Writer, x: string): string {
  return writer.emit('Flatten', [x], { axis: 1 })
}

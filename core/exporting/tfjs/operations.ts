/**
 * From operations of a graph to TensorFlow's, as tfjs's graph models name them. The layouts are those of the graph, [B,H,W,C].
 */
import { AppError } from '../../errors/index.ts'
import type { GraphNode } from '../../graph/index.ts'
import type { Window } from '../../graph/ops/shared/window.ts'
import { powerOf } from '../gem.ts'
import { flag, numbers, real, text, type Attributes } from './graphDef.ts'

export interface Writer {
  /** Name of an input's value. */
  input(node: GraphNode, position: number): string
  /** Writes an operation. @returns the name of its value. */
  emit(type: string, inputs: readonly string[], attributes?: Attributes): string
  /** Name of a weight of the node by the last part of its name; undefined where it has none. */
  weight(node: GraphNode, suffix: string): string | undefined
  values(node: GraphNode, suffix: string): Float32Array | undefined
  /** A constant that the network has no name for. */
  floats(name: string, shape: readonly number[], values: Float32Array): string
  integers(name: string, values: readonly number[]): string
  /** Shape of an input without the batch, [H,W,C] or [C]. */
  inputShape(node: GraphNode, position: number): readonly number[]
}

/** Writes a node. @returns the name of its value. */
type Operation = (node: GraphNode, writer: Writer) => string

const nhwc = { data_format: text('NHWC') }

const operations: Readonly<Record<string, Operation>> = {
  conv: (node, writer) => {
    const { strides, padding } = windowOf(node)
    const [top, bottom, left, right] = padding
    const isPadded = padding.some(side => side > 0)
    const x = writer.emit('Conv2D', [writer.input(node, 0), writer.weight(node, 'weight')!], {
      ...nhwc,
      strides: numbers([1, ...strides, 1]),
      dilations: numbers([1, 1, 1, 1]),
      padding: text(isPadded ? 'EXPLICIT' : 'VALID'),
      explicit_paddings: numbers(isPadded ? [0, 0, top, bottom, left, right, 0, 0] : []),
    })
    return biased(node, writer, x)
  },
  batch_norm: (node, writer) => {
    const channels = node.shape.at(-1)!
    const constant = (suffix: string, value: number): string =>
      writer.weight(node, suffix) ??
      writer.floats(`${node.name}.${suffix}`, [channels], new Float32Array(channels).fill(value))
    const inputs = [
      writer.input(node, 0),
      constant('weight', 1),
      constant('bias', 0),
      writer.weight(node, 'running_mean')!,
      writer.weight(node, 'running_var')!,
    ]
    const epsilon = real(node.attributes['epsilon'] as number)
    return writer.emit('FusedBatchNormV3', inputs, { ...nhwc, epsilon, is_training: flag(false) })
  },
  relu: (node, writer) => writer.emit('Relu', [writer.input(node, 0)]),
  sigmoid: (node, writer) => writer.emit('Sigmoid', [writer.input(node, 0)]),
  add: (node, writer) =>
    node.inputs.length === 2
      ? writer.emit('AddV2', allInputs(node, writer))
      : writer.emit('AddN', allInputs(node, writer), { N: numbers(node.inputs.length) }),
  concat: (node, writer) => {
    const axis = writer.integers(`${node.name}/axis`, [node.shape.length])
    return writer.emit('ConcatV2', [...allInputs(node, writer), axis], { N: numbers(node.inputs.length) })
  },
  max_pool: (node, writer) => pooled('MaxPool', node, writer, padded(node, writer, -Infinity)),
  avg_pool: (node, writer) => {
    const mean = pooled('AvgPool', node, writer, padded(node, writer, 0))
    if (windowOf(node).padding.every(side => side === 0)) return mean
    // The zeros of the border were counted.
    const shape = [1, node.shape[0]!, node.shape[1]!, 1]
    const shares = writer.floats(`${node.name}/shares`, shape, insideShares(node, writer.inputShape(node, 0)))
    return writer.emit('RealDiv', [mean, shares])
  },
  global_avg_pool: (node, writer) => overImage('Mean', node, writer, writer.input(node, 0)),
  gem: (node, writer) => {
    const { p, floor, isMean } = powerOf(node, suffix => writer.values(node, suffix))
    const x = writer.input(node, 0)
    if (isMean) return overImage('Mean', node, writer, x)
    if (p === Infinity) return overImage('Max', node, writer, x)
    const number = (name: string, value: number): string =>
      writer.floats(`${node.name}/${name}`, [], Float32Array.of(value))
    const lifted = writer.emit('Maximum', [x, number('floor', floor)])
    const mean = overImage('Mean', node, writer, writer.emit('Pow', [lifted, number('power', p)]))
    return writer.emit('Pow', [mean, number('root', 1 / p)])
  },
  scale: (node, writer) => {
    const shape = writer.integers(`${node.name}/shape`, [-1, 1, 1, node.shape.at(-1)!])
    return writer.emit('Mul', [writer.input(node, 0), writer.emit('Reshape', [writer.input(node, 1), shape])])
  },
  dense: (node, writer) => {
    const attributes = { transpose_a: flag(false), transpose_b: flag(false) }
    const inputs = [writer.input(node, 0), writer.weight(node, 'weight')!]
    return biased(node, writer, writer.emit('MatMul', inputs, attributes))
  },
  // Nothing outside of training.
  dropout: (node, writer) => writer.input(node, 0),
  drop_path: (node, writer) => writer.input(node, 0),
  flatten: (node, writer) => {
    const shape = writer.integers(`${node.name}/shape`, [-1, node.shape[0]!])
    return writer.emit('Reshape', [writer.input(node, 0), shape])
  },
  shortcut_a: (node, writer) => {
    const { stride } = node.attributes as { stride: number }
    const added = node.shape[2]! - writer.inputShape(node, 0)[2]!
    let x = writer.input(node, 0)
    if (stride > 1) {
      const zeros = writer.integers(`${node.name}/ends`, [0, 0, 0, 0])
      const steps = writer.integers(`${node.name}/steps`, [1, stride, stride, 1])
      const whole = { begin_mask: numbers(15), end_mask: numbers(15) }
      x = writer.emit('StridedSlice', [x, zeros, zeros, steps], whole)
    }
    return added === 0 ? x : withBorder(node, writer, x, [0, 0, 0, 0, 0, 0, 0, added], 0)
  },
}

/** @throws AppError invalid-request for an operation that the export does not know. */
export function operationOf({ op, name }: GraphNode): Operation {
  const found = Object.hasOwn(operations, op) ? operations[op] : undefined
  if (found) return found
  const known = Object.keys(operations)
  const message = `export: the operation '${op}' of '${name}' cannot be written. Known: ${known.join(', ')}`
  throw new AppError('invalid-request', message, { node: name, op, known })
}

function biased(node: GraphNode, writer: Writer, x: string): string {
  const bias = writer.weight(node, 'bias')
  return bias === undefined ? x : writer.emit('BiasAdd', [x, bias], nhwc)
}

function pooled(type: 'MaxPool' | 'AvgPool', node: GraphNode, writer: Writer, x: string): string {
  const { kernel, strides } = windowOf(node)
  return writer.emit(type, [x], {
    ...nhwc,
    ksize: numbers([1, ...kernel, 1]),
    strides: numbers([1, ...strides, 1]),
    padding: text('VALID'),
  })
}

function padded(node: GraphNode, writer: Writer, value: number): string {
  const [top, bottom, left, right] = windowOf(node).padding
  const x = writer.input(node, 0)
  if (top + bottom + left + right === 0) return x
  return withBorder(node, writer, x, [0, 0, top, bottom, left, right, 0, 0], value)
}

function withBorder(
  node: GraphNode,
  writer: Writer,
  x: string,
  border: readonly number[],
  value: number,
): string {
  const paddings = writer.integers(`${node.name}/paddings`, border)
  return writer.emit('PadV2', [
    x,
    paddings,
    writer.floats(`${node.name}/padding`, [], Float32Array.of(value)),
  ])
}

/** Which share of each window lies inside the image, [H'·W']. */
function insideShares(node: GraphNode, [height = 0, width = 0]: readonly number[]): Float32Array {
  const { kernel, strides, padding } = windowOf(node)
  const inside = (at: number, axis: 0 | 1, length: number): number => {
    const start = at * strides[axis] - padding[axis * 2]!
    return Math.min(start + kernel[axis], length) - Math.max(start, 0)
  }
  const [rows = 0, columns = 0] = node.shape
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const covered = inside(Math.floor(at / columns), 0, height) * inside(at % columns, 1, width)
    return covered / (kernel[0] * kernel[1])
  })
}

function overImage(type: 'Mean' | 'Max', node: GraphNode, writer: Writer, x: string): string {
  return writer.emit(type, [x, writer.integers(`${node.name}/axes`, [1, 2])], { keep_dims: flag(false) })
}

function windowOf(node: GraphNode): Window {
  return node.attributes as unknown as Window
}

function allInputs(node: GraphNode, writer: Writer): string[] {
  return node.inputs.map((_, position) => writer.input(node, position))
}

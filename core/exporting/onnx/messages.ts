/**
 * The messages of ONNX that a network needs.
 *
 * @source onnx/onnx.proto of https://github.com/onnx/onnx: field numbers and enumerations.
 */
import type { Weight } from '../network.ts'
import { elementCount } from '../network.ts'
import { bytes, float, int, nested, text, type Message } from './protobuf.ts'

export const dataTypes = { float32: 1, uint8: 2, int64: 7 } as const
export type DataType = keyof typeof dataTypes

const attributeTypes = { float: 1, int: 2, ints: 7 } as const

/** A whole number is an INT, several are INTS; a FLOAT is said to be one. */
export type Attribute = number | readonly number[] | { readonly float: number }

export interface OnnxNode {
  readonly type: string
  readonly inputs: readonly string[]
  readonly output: string
  readonly attributes: Readonly<Record<string, Attribute>>
}

/** A constant of the model: weights, or integers that an operation takes as an input. */
export type Initializer =
  | { readonly name: string; readonly weight: Weight }
  | { readonly name: string; readonly integers: readonly number[] }

/** A value that goes in or comes out. A side that is a text is free, as `N`. */
export interface ValueInfo {
  readonly name: string
  readonly type: DataType
  readonly shape: readonly (number | string)[]
}

export interface OnnxModel {
  readonly name: string
  readonly producerVersion: string
  readonly description: string
  readonly nodes: readonly OnnxNode[]
  readonly initializers: readonly Initializer[]
  readonly inputs: readonly ValueInfo[]
  readonly outputs: readonly ValueInfo[]
  readonly metadata: Readonly<Record<string, string>>
}

/** Operator set 17 and the file format that came with it. */
const opset = 17
const irVersion = 8

export function modelMessage(model: OnnxModel): Message {
  const metadata = Object.entries(model.metadata)
  return [
    int(1, irVersion),
    text(2, 'multigrain-workbench'),
    text(3, model.producerVersion),
    text(6, model.description),
    ...nested(7, graphMessage(model)),
    ...nested(8, [text(1, ''), int(2, opset)]),
    ...metadata.flatMap(([key, value]) => nested(14, [text(1, key), text(2, value)])),
  ]
}

function graphMessage({ name, nodes, initializers, inputs, outputs }: OnnxModel): Message {
  return [
    ...nodes.flatMap(node => nested(1, nodeMessage(node))),
    text(2, name),
    ...initializers.flatMap(each => nested(5, tensorMessage(each))),
    ...inputs.flatMap(each => nested(11, valueMessage(each))),
    ...outputs.flatMap(each => nested(12, valueMessage(each))),
  ]
}

function nodeMessage({ type, inputs, output, attributes }: OnnxNode): Message {
  return [
    ...inputs.map(input => text(1, input)),
    text(2, output),
    text(3, output),
    text(4, type),
    ...Object.entries(attributes).flatMap(([name, value]) => nested(5, [text(1, name), ...valueOf(value)])),
  ]
}

function valueOf(value: Attribute): Message {
  if (typeof value === 'number') return [int(3, value), int(20, attributeTypes.int)]
  if ('float' in value) return [float(2, value.float), int(20, attributeTypes.float)]
  return [...value.map(each => int(8, each)), int(20, attributeTypes.ints)]
}

function tensorMessage(initializer: Initializer): Message {
  const { name } = initializer
  if ('integers' in initializer) {
    const { integers } = initializer
    return [
      int(1, integers.length),
      int(2, dataTypes.int64),
      ...integers.map(each => int(7, each)),
      text(8, name),
    ]
  }
  const { shape, read } = initializer.weight
  const raw = bytes(9, elementCount(shape) * 4, () => {
    const values = read()
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  })
  return [...shape.map(side => int(1, side)), int(2, dataTypes.float32), text(8, name), ...raw]
}

function valueMessage({ name, type, shape }: ValueInfo): Message {
  const dimensions = shape.flatMap(side =>
    nested(1, [typeof side === 'number' ? int(1, side) : text(2, side)]),
  )
  const tensorType = [int(1, dataTypes[type]), ...nested(2, dimensions)]
  return [text(1, name), ...nested(2, nested(1, tensorType))]
}

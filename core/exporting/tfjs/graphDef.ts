/**
 * The JSON of a tfjs graph model: TensorFlow's GraphDef in protobuf's JSON form, in which 64-bit integers are texts and bytes base64.
 *
 * @source tensorflow/core/framework/{graph,node_def,attr_value}.proto; tfjs-converter/src/data/compiled_api.ts
 */

export type Attribute =
  | { readonly s: string }
  | { readonly i: string }
  | { readonly f: number }
  | { readonly b: boolean }
  | { readonly list: { readonly i: readonly string[] } }
  | { readonly type: DataType }
  | { readonly shape: TensorShape }
  | { readonly tensor: { readonly dtype: DataType; readonly tensorShape: TensorShape } }
export type Attributes = Readonly<Record<string, Attribute>>

export type DataType = 'DT_FLOAT' | 'DT_INT32'

interface TensorShape {
  readonly dim: readonly { readonly size: string }[]
}

export interface NodeDef {
  readonly name: string
  readonly op: string
  readonly input?: readonly string[]
  readonly attr: Attributes
}

export function text(value: string): Attribute {
  return { s: Buffer.from(value, 'utf8').toString('base64') }
}

/** A whole number, or a list of them. */
export function numbers(value: number | readonly number[]): Attribute {
  return typeof value === 'number' ? { i: String(value) } : { list: { i: value.map(String) } }
}

export function real(value: number): Attribute {
  return { f: value }
}

export function flag(value: boolean): Attribute {
  return { b: value }
}

/** -1 is a free side. */
export function shapeOf(shape: readonly number[]): TensorShape {
  return { dim: shape.map(side => ({ size: String(side) })) }
}

export function placeholder(name: string, dtype: DataType, shape: readonly number[]): NodeDef {
  return { name, op: 'Placeholder', attr: { dtype: { type: dtype }, shape: { shape: shapeOf(shape) } } }
}

/** A constant whose values lie in the weight files under the same name. */
export function constant(name: string, dtype: DataType, shape: readonly number[]): NodeDef {
  const value = { tensor: { dtype, tensorShape: shapeOf(shape) } }
  return { name, op: 'Const', attr: { value, dtype: { type: dtype } } }
}

/**
 * Between the layouts of tfjs and of torch, in which checkpoints are kept: convolution weights [kh,kw,Cin,Cout] are
 * [Cout,Cin,kh,kw] there, dense weights [in,out] are [out,in]; everything else is alike.
 */
import type { ParameterInfo } from '../graph/index.ts'

type Weight = Pick<ParameterInfo, 'kind' | 'shape'>

/** Shape of a parameter in torch's layout. */
export function torchShape({ kind, shape }: Weight): readonly number[] {
  if (kind !== 'weight') return shape
  if (shape.length === 4) return [shape[3]!, shape[2]!, shape[0]!, shape[1]!]
  return shape.length === 2 ? [shape[1]!, shape[0]!] : shape
}

/** Values of a parameter, from tfjs's layout to torch's. */
export function toTorchLayout(info: Weight, values: Float32Array): Float32Array {
  const order = orderOf(info)
  return order ? permuted(values, info.shape, order) : values
}

/** Values of a parameter, from torch's layout to tfjs's. */
export function fromTorchLayout(info: Weight, values: Float32Array): Float32Array {
  const order = orderOf(info)
  if (!order) return values
  const inverse = order.map((_, axis) => order.indexOf(axis))
  return permuted(values, torchShape(info), inverse)
}

/** Axes of tfjs's layout in torch's order; null where the two are alike. */
function orderOf({ kind, shape }: Weight): readonly number[] | null {
  if (kind !== 'weight') return null
  if (shape.length === 4) return [3, 2, 0, 1]
  return shape.length === 2 ? [1, 0] : null
}

/** Transposes: axis i of the result is axis order[i] of the values. */
function permuted(values: Float32Array, shape: readonly number[], order: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1))
  // Filled up to four axes, so that one loop serves both.
  const sizes = [1, 1, 1, 1, ...order.map(axis => shape[axis]!)].slice(-4) as [number, number, number, number]
  const steps = [0, 0, 0, 0, ...order.map(axis => strides[axis]!)].slice(-4) as [
    number,
    number,
    number,
    number,
  ]
  const result = new Float32Array(values.length)
  let position = 0
  for (let a = 0; a < sizes[0]; a++)
    for (let b = 0; b < sizes[1]; b++)
      for (let c = 0; c < sizes[2]; c++) {
        const start = a * steps[0] + b * steps[1] + c * steps[2]
        for (let d = 0; d < sizes[3]; d++) result[position++] = values[start + d * steps[3]]!
      }
  return result
}

/** String tensors stay in JavaScript: libtorch has none. */
import { util } from '@tensorflow/tfjs-core'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { TorchBackend, TorchData } from '../../backend.ts'
import { AppError } from '../../../../errors/index.ts'
import { broadcastShape, range, sizeOf } from './shapes.ts'

/** The encoded strings of a tensor. */
export function stringsOf(tensor: TensorInfo, backend: TorchBackend): readonly Uint8Array[] {
  backend.handle(tensor) // fetches what another backend holds
  return (tensor.dataId as TorchData).strings ?? []
}

/** The strings of a tensor as text. */
export function textsOf(tensor: TensorInfo, backend: TorchBackend): string[] {
  return stringsOf(tensor, backend).map(bytes => util.decodeString(bytes))
}

/** A tensor of encoded strings. */
export function giveStrings(
  strings: readonly Uint8Array[],
  shape: readonly number[],
  backend: TorchBackend,
): TensorInfo {
  const dataId = backend.write(strings as Uint8Array[], shape as number[], 'string')
  return { dataId, shape: shape as number[], dtype: 'string' }
}

/** A tensor of texts. */
export function giveTexts(
  texts: readonly string[],
  shape: readonly number[],
  backend: TorchBackend,
): TensorInfo {
  const encoded = texts.map(text => util.encodeString(text))
  return giveStrings(encoded, shape, backend)
}

const comparisons: Readonly<Record<string, (a: string, b: string) => boolean>> = {
  Equal: (a, b) => a === b,
  NotEqual: (a, b) => a !== b,
  Greater: (a, b) => a > b,
  GreaterEqual: (a, b) => a >= b,
  Less: (a, b) => a < b,
  LessEqual: (a, b) => a <= b,
}

/** Compares two string tensors, with broadcasting. */
export function compareStrings(
  name: string,
  a: TensorInfo,
  b: TensorInfo,
  backend: TorchBackend,
): TensorInfo {
  const compare = comparisons[name]
  if (compare === undefined) throw new AppError('internal', `${name}: not defined for strings`)
  const shape = broadcastShape(a.shape, b.shape)
  const [left, right] = [textsOf(a, backend), textsOf(b, backend)]
  const [leftAt, rightAt] = [broadcastIndex(a.shape, shape), broadcastIndex(b.shape, shape)]
  const values = Uint8Array.from(range(sizeOf(shape)), index =>
    compare(left[leftAt(index)] ?? '', right[rightAt(index)] ?? '') ? 1 : 0,
  )
  const dataId = backend.write(values, shape as number[], 'bool')
  return { dataId, shape: shape as number[], dtype: 'bool' }
}

/** Where the element of a broadcast tensor comes from. */
function broadcastIndex(from: readonly number[], to: readonly number[]): (index: number) => number {
  const strides = util.computeStrides(from as number[])
  strides.push(1)
  const offset = to.length - from.length
  return index => {
    let rest = index
    let source = 0
    for (let axis = to.length - 1; axis >= 0; axis--) {
      const place = rest % to[axis]!
      rest = Math.floor(rest / to[axis]!)
      const own = axis - offset
      if (own >= 0 && from[own]! > 1) source += place * strides[own]!
    }
    return source
  }
}

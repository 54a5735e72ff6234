/**
 * Kernels that only move elements. On strings, which stay in JavaScript, they move the strings' positions instead, and the
 * strings follow.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { TorchBackend } from '../../backend.ts'
import { torchKernel } from './kernel.ts'
import type { TorchCall, TorchKernel } from './kernel.ts'
import { giveStrings, stringsOf } from './strings.ts'
import { range } from './shapes.ts'
import { Work } from './work.ts'

type Inputs = Readonly<Record<string, TensorInfo>> | readonly TensorInfo[]
type Given = TensorInfo | TensorInfo[]

/** @param move like `composed`'s; it may only move elements of inputs. */
export function movement<In, Attributes = object>(
  name: string,
  move: (work: Work, inputs: In, attrs: Attributes) => Given,
): TorchKernel {
  return torchKernel<In, Attributes>(name, call => moved(call, move))
}

/** One such move. */
export function moved<In, Attributes>(call: TorchCall<In, Attributes>, move: Move<In, Attributes>): Given {
  const strings = Object.values(call.inputs as Inputs).some(({ dtype }) => dtype === 'string')
  return strings ? moveStrings(call, move) : moveNumbers(call, move)
}

type Move<In, Attributes> = (work: Work, inputs: In, attrs: Attributes) => Given

function moveNumbers<In, Attributes>(
  { inputs, attrs, backend }: TorchCall<In, Attributes>,
  move: Move<In, Attributes>,
): Given {
  const work = new Work(backend)
  try {
    return move(work, inputs, attrs)
  } finally {
    work.free()
  }
}

function moveStrings<In, Attributes>(
  { inputs, attrs, backend }: TorchCall<In, Attributes>,
  move: Move<In, Attributes>,
): Given {
  const pool: Uint8Array[] = []
  const positions: TensorInfo[] = []
  const standIn = (tensor: TensorInfo): TensorInfo => {
    if (tensor.dtype !== 'string') return tensor
    const own = stringsOf(tensor, backend)
    const values = Int32Array.from(range(own.length), index => index + pool.length)
    pool.push(...own)
    const dataId = backend.write(values, tensor.shape, 'int32')
    const made: TensorInfo = { dataId, shape: tensor.shape, dtype: 'int32' }
    positions.push(made)
    return made
  }
  const entries = Object.entries(inputs as Inputs).map(([key, tensor]) => [key, standIn(tensor)] as const)
  const moved = Array.isArray(inputs) ? entries.map(([, tensor]) => tensor) : Object.fromEntries(entries)
  try {
    const given = moveNumbers({ inputs: moved as In, attrs, backend }, move)
    return Array.isArray(given)
      ? given.map(each => follow(each, pool, backend))
      : follow(given, pool, backend)
  } finally {
    for (const each of positions) backend.disposeData(each.dataId)
  }
}

function follow(positions: TensorInfo, pool: readonly Uint8Array[], backend: TorchBackend): TensorInfo {
  const indices = backend.readSync(positions.dataId) as Int32Array
  backend.disposeData(positions.dataId)
  return giveStrings(
    Array.from(indices, index => pool[index]!),
    positions.shape,
    backend,
  )
}

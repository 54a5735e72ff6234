/** Repeats along one dimension, or along neighbours of length 1, for wasm, a block at a time; tfjs keeps the other cases. */
import type { KernelFunc, Tensor, TensorInfo, TileAttrs } from '@tensorflow/tfjs-core'
import { simdModule } from '../simd/module.ts'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { originalKernel } from './shared/originals.ts'

interface Inputs {
  readonly x: Tensor
}

export const Tile: KernelEntry = {
  name: 'Tile',
  summary: 'Repeats a tensor along its dimensions',
  on: { wasm: implement<Inputs, TileAttrs>(onWasm) },
}

function onWasm(call: KernelCall<Inputs, TileAttrs>): TensorInfo | TensorInfo[] {
  const { x } = call.inputs
  const { reps } = call.attrs
  const first = reps.findIndex(times => times !== 1)
  const last = reps.findLastIndex(times => times !== 1)
  const isOneBlock =
    first >= 0 && (first === last || x.shape.slice(first, last + 1).every(length => length === 1))
  if (x.dtype !== 'float32' || reps.length !== x.rank || !isOneBlock) {
    return originalKernel('Tile', 'wasm')(call as unknown as Parameters<KernelFunc>[0])
  }
  const simd = simdModule(call.backend)
  const out = simd.output(x.shape.map((length, axis) => length * reps[axis]!))
  const product = (lengths: readonly number[]): number => lengths.reduce((total, length) => total * length, 1)
  const [blocks, times] = [product(x.shape.slice(0, first)), product(reps)]
  const blockBytes = 4 * product(x.shape.slice(first))
  for (let block = 0; block < blocks; block++) {
    const from = simd.address(x) + block * blockBytes
    const to = simd.address(out) + block * blockBytes * times
    simd.call('copyLines', from, to, times, blockBytes, 0, blockBytes)
  }
  return out
}

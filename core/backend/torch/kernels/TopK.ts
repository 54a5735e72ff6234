/** The k largest values along the last axis, and their positions; of equal values, the first come first. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'
import { util } from '@tensorflow/tfjs-core'

interface Attributes {
  readonly k: number
  readonly sorted: boolean
}

export const TopK = composed<{ x: TensorInfo }, Attributes>('TopK', (work, { x }, { k }) => {
  const last = x.shape.length - 1
  util.assert(
    k <= x.shape[last]!,
    () => `'k' passed to topk() must be <= the last dimension (${x.shape[last]})`,
  )
  const sorted = work.many('aten::sort.stable', work.of(x), true, last, true)
  const [values, places] = sorted.map(each => work.run('aten::narrow', each, last, 0, k))
  return [work.give(values!, x.dtype), work.give(places!, 'int32')]
})

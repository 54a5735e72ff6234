/** A tensor with a margin that mirrors it. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { movement } from './shared/movement.ts'
import { range } from './shared/shapes.ts'

interface Attributes {
  readonly paddings: readonly [number, number][]
  readonly mode: 'reflect' | 'symmetric'
}

export const MirrorPad = movement<{ x: TensorInfo }, Attributes>('MirrorPad', (work, { x }, attrs) => {
  // 'reflect' leaves the border itself out, 'symmetric' repeats it.
  const skip = attrs.mode === 'reflect' ? 0 : 1
  let padded = work.of(x)
  for (const [axis, [before, after]] of attrs.paddings.entries()) {
    const length = x.shape[axis]!
    const positions = range(before + length + after).map(place => {
      const at = place - before
      if (at < 0) return -at - skip
      return at < length ? at : 2 * (length - 1) - at + skip
    })
    padded = work.run('aten::index_select', padded, axis, work.indices(positions))
  }
  return work.give(padded, x.dtype)
})

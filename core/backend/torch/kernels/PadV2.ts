/** A tensor with a margin of one value around it. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { movement } from './shared/movement.ts'

interface Attributes {
  readonly paddings: readonly [number, number][]
  readonly constantValue: number
}

export const PadV2 = movement<{ x: TensorInfo }, Attributes>('PadV2', (work, { x }, attrs) => {
  const { paddings, constantValue } = attrs
  const shape = x.shape.map((length, axis) => paddings[axis]![0] + length + paddings[axis]![1])
  // libtorch counts from the last axis.
  const amounts = [...paddings].reverse().flat()
  return work.give(work.run('aten::constant_pad_nd', work.of(x), amounts, constantValue), x.dtype, shape)
})

/** Running sums and products along an axis, from either end, with or without the element itself. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { numeric } from './shared/dtypes.ts'
import { composed } from './shared/kernel.ts'
import type { TorchKernel } from './shared/kernel.ts'
import { axesOf } from './shared/shapes.ts'

interface Attributes {
  readonly axis: number
  /** Each result leaves its own element out. */
  readonly exclusive: boolean
  /** From the end. */
  readonly reverse: boolean
}

export const cumulations: readonly TorchKernel[] = [
  row('Cumsum', 'aten::cumsum', 0),
  row('Cumprod', 'aten::cumprod', 1),
]

/** @param neutral what nothing amounts to */
function row(name: string, operator: string, neutral: number): TorchKernel {
  return composed<{ x: TensorInfo }, Attributes>(name, (work, { x }, { exclusive, reverse, ...attrs }) => {
    const [axis = 0] = axesOf(attrs.axis, x.shape.length)
    let values = work.of(x)
    if (reverse) values = work.run('aten::flip', values, [axis])
    if (exclusive) {
      const others = work.run('aten::narrow', values, axis, 0, Math.max(0, x.shape[axis]! - 1))
      const after = (x.shape.length - 1 - axis) * 2
      const amounts = [...new Array<number>(after).fill(0), Math.min(1, x.shape[axis]!), 0]
      values = work.run('aten::constant_pad_nd', others, amounts, neutral)
    }
    values = work.run(operator, values, axis)
    if (reverse) values = work.run('aten::flip', values, [axis])
    return work.give(values, numeric(x.dtype), x.shape)
  })
}

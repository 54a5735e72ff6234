/** The position of the largest and of the smallest value along an axis. NaN is passed over. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { scalarTypes } from '../binding.ts'
import { composed } from './shared/kernel.ts'
import type { TorchKernel } from './shared/kernel.ts'
import { axesOf, reducedShape } from './shared/shapes.ts'

export const positions: readonly TorchKernel[] = [
  row('ArgMax', 'aten::argmax', -Infinity),
  row('ArgMin', 'aten::argmin', Infinity),
]

function row(name: string, operator: string, instead: number): TorchKernel {
  return composed<{ x: TensorInfo }, { axis: number | number[] }>(name, (work, { x }, { axis }) => {
    const axes = axesOf(axis, x.shape.length)
    const values = work.of(x)
    let known = values
    if (x.dtype === 'bool') known = work.as(values, scalarTypes.int32)
    if (x.dtype === 'float32') known = work.run('aten::nan_to_num', values, instead, Infinity, -Infinity)
    return work.give(
      work.run(operator, known, axes[0] ?? 0, false),
      'int32',
      reducedShape(x.shape, axes, false),
    )
  })
}

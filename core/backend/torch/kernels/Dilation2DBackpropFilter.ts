/** The gradient of `Dilation2D` with respect to its filter. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'
import { dilationOf, shares } from './shared/dilation.ts'
import type { DilationAttributes, DilationInputs } from './shared/dilation.ts'

export const Dilation2DBackpropFilter = composed<DilationInputs & { dy: TensorInfo }, DilationAttributes>(
  'Dilation2DBackpropFilter',
  (work, inputs, attrs) => {
    const { filter, dy } = inputs
    const parts = shares(work, dy, filter, dilationOf(work, inputs, attrs))
    const totals = parts.map(part => work.run('aten::sum.dim_IntList', part, [0, 1, 2], false))
    return work.give(
      work.reshape(work.run('aten::stack', totals, 0), filter.shape),
      filter.dtype,
      filter.shape,
    )
  },
)

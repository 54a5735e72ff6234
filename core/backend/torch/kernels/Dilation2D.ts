/** The largest of x + filter in each window. */
import { composed } from './shared/kernel.ts'
import { dilationOf, sums } from './shared/dilation.ts'
import type { DilationAttributes, DilationInputs } from './shared/dilation.ts'

export const Dilation2D = composed<DilationInputs, DilationAttributes>(
  'Dilation2D',
  (work, inputs, attrs) => {
    const all = sums(work, inputs.filter, dilationOf(work, inputs, attrs))
    return work.give(
      all.reduce((largest, each) => work.run('aten::maximum', largest, each)),
      inputs.x.dtype,
    )
  },
)

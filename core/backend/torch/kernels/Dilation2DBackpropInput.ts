/** The gradient of `Dilation2D` with respect to its images. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'
import { dilationOf, seenBy, shares } from './shared/dilation.ts'
import type { DilationAttributes, DilationInputs } from './shared/dilation.ts'

export const Dilation2DBackpropInput = composed<DilationInputs & { dy: TensorInfo }, DilationAttributes>(
  'Dilation2DBackpropInput',
  (work, inputs, attrs) => {
    const { x, filter, dy } = inputs
    const dilation = dilationOf(work, inputs, attrs)
    const sum = work.full(work.shape(dilation.padded), 0, work.backend.addon.dtype(work.of(dy)))
    for (const [index, share] of shares(work, dy, filter, dilation).entries())
      work.inPlace('aten::add_.Tensor', seenBy(work, sum, dilation, dilation.places[index]!), share)
    let dx = sum
    for (const [axis, [before]] of dilation.margin.entries())
      dx = work.run('aten::narrow', dx, axis + 1, before, x.shape[axis + 1]!)
    return work.give(dx, x.dtype, x.shape)
  },
)

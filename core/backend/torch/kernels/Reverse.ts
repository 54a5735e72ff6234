/** A tensor in opposite order along axes. */
import type { ReverseAttrs, TensorInfo } from '@tensorflow/tfjs-core'
import { movement } from './shared/movement.ts'
import { axesOf } from './shared/shapes.ts'

export const Reverse = movement<{ x: TensorInfo }, ReverseAttrs>('Reverse', (work, { x }, { dims }) =>
  work.give(work.run('aten::flip', work.of(x), axesOf(dims, x.shape.length)), x.dtype, x.shape),
)

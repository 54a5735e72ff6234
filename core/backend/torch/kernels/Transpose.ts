/** Dimensions in another order. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { movement } from './shared/movement.ts'

export const Transpose = movement<{ x: TensorInfo }, { perm: number[] }>(
  'Transpose',
  (work, { x }, { perm }) =>
    work.give(
      work.permute(work.of(x), perm),
      x.dtype,
      perm.map(axis => x.shape[axis]!),
    ),
)

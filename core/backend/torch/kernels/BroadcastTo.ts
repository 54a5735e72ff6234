/** A tensor repeated along its dimensions of length 1 and before them. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { movement } from './shared/movement.ts'

export const BroadcastTo = movement<{ x: TensorInfo }, { shape: number[] }>(
  'BroadcastTo',
  (work, { x }, { shape }) => work.give(work.run('aten::expand', work.of(x), shape), x.dtype, shape),
)

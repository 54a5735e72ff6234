/** A tensor repeated along its axes. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { movement } from './shared/movement.ts'

export const Tile = movement<{ x: TensorInfo }, { reps: number[] }>('Tile', (work, { x }, { reps }) =>
  work.give(work.run('aten::repeat', work.of(x), reps), x.dtype),
)

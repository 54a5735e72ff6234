/** The shape that two shapes broadcast to. */
import { backend_util } from '@tensorflow/tfjs-core'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'

export const BroadcastArgs = composed<{ s0: TensorInfo; s1: TensorInfo }>(
  'BroadcastArgs',
  (work, { s0, s1 }) => {
    const [a, b] = [s0, s1].map(({ dataId }) => Array.from(work.backend.readSync(dataId) as Int32Array))
    const shape = backend_util.assertAndGetBroadcastShape(a!, b!)
    return work.giveValues(Int32Array.from(shape), 'int32', [shape.length])
  },
)

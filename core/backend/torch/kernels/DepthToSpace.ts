/** Channels become blocks of pixels. x [N,H,W,C·b²], result [N,H·b,W·b,C]. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'
import { AppError } from '../../../errors/index.ts'

interface Attributes {
  readonly blockSize: number
  readonly dataFormat: 'NHWC' | 'NCHW'
}

export const DepthToSpace = composed<{ x: TensorInfo }, Attributes>('DepthToSpace', (work, { x }, attrs) => {
  const { blockSize: block, dataFormat } = attrs
  if (dataFormat !== 'NHWC')
    throw new AppError('internal', `DepthToSpace: dataFormat must be NHWC, got ${dataFormat}`)
  const [batch = 1, height = 1, width = 1, depth = 1] = x.shape
  const channels = depth / (block * block)
  const apart = work.reshape(work.of(x), [batch, height, width, block, block, channels])
  const ordered = work.permute(apart, [0, 1, 3, 2, 4, 5])
  const shape = [batch, height * block, width * block, channels]
  return work.give(work.reshape(ordered, shape), x.dtype, shape)
})

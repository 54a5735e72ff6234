/** Mirrored images. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'

export const FlipLeftRight = composed<{ image: TensorInfo }>('FlipLeftRight', (work, { image }) =>
  work.give(work.run('aten::flip', work.of(image), [2]), image.dtype, image.shape),
)

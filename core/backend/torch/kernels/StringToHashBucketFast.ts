/** A bucket for each string, by a hash that is the same everywhere. */
import { util } from '@tensorflow/tfjs-core'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { giveIntegers, require } from './shared/host.ts'
import { composed } from './shared/kernel.ts'
import { stringsOf } from './shared/strings.ts'

export const StringToHashBucketFast = composed<{ input: TensorInfo }, { numBuckets: number }>(
  'StringToHashBucketFast',
  (work, { input }, { numBuckets }) => {
    require(input.dtype === 'string', () => 'Input must be of datatype string')
    require(numBuckets > 0, () => 'Number of buckets must be at least 1')
    const buckets = stringsOf(input, work.backend).map(bytes =>
      util.fingerPrint64(bytes).modulo(numBuckets).getLowBitsUnsigned(),
    )
    return giveIntegers(work, buckets, input.shape)
  },
)

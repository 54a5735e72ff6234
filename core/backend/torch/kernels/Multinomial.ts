/** Random classes with given probabilities. The same seed draws the same. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { scalarTypes } from '../binding.ts'
import { composed } from './shared/kernel.ts'

interface Attributes {
  readonly numSamples: number
  readonly seed: number
  /** The input is probabilities, not logits. */
  readonly normalized: boolean
}

export const Multinomial = composed<{ logits: TensorInfo }, Attributes>(
  'Multinomial',
  (work, { logits }, { numSamples, seed, normalized }) => {
    const [batch = 1, classes = 1] = logits.shape
    const input = work.float(work.of(logits))
    const probabilities = normalized ? input : work.run('aten::softmax.int', input, -1)
    const bounds = work.run('aten::cumsum', probabilities, -1)
    const next = generator(seed)
    const draws = Float32Array.from({ length: batch * numSamples }, next)
    const at = work.tensor(draws, [batch, numSamples], scalarTypes.float32)
    const drawn = work.run('aten::searchsorted.Tensor', bounds, at, true, true)
    // Rounding may leave the last bound below a draw.
    return work.give(work.run('aten::clamp_max', drawn, classes - 1), 'int32')
  },
)

/** Uniform numbers from 0 to 1: a counter, scrambled as in MurmurHash3's finaliser. */
function generator(seed: number): () => number {
  let counter = Math.floor(seed * 2 ** 16) | 0
  return () => {
    counter = (counter + 0x9e3779b9) | 0
    let mixed = Math.imul(counter ^ (counter >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  }
}

/** A small measured speed of the current backend. */
import { conv2d, randomNormal, slice } from '@tensorflow/tfjs-core'
import type { Tensor4D } from '@tensorflow/tfjs-core'

const [size, channels] = [28, 64] as const
const operationsPerRun = 2 * size * size * 9 * channels * channels

/**
 * Speed of a 3×3 convolution of one image [28,28,64] with 64 filters on the current backend, in GFLOP/s.
 *
 * @param budgetMs for how long to repeat it, after one unmeasured run.
 */
export async function measureConvolution(budgetMs = 150): Promise<number> {
  const x = randomNormal([1, size, size, channels]) as Tensor4D
  const filter = randomNormal([3, 3, channels, channels]) as Tensor4D
  await runOnce(x, filter)
  const startedMs = performance.now()
  let runs = 0
  while (runs === 0 || performance.now() - startedMs < budgetMs) {
    await runOnce(x, filter)
    runs++
  }
  const elapsedMs = performance.now() - startedMs
  x.dispose()
  filter.dispose()
  return (operationsPerRun * runs) / (elapsedMs * 1e6)
}

/** Reads one value, so that an asynchronous device has really finished. */
async function runOnce(x: Tensor4D, filter: Tensor4D): Promise<void> {
  const y = conv2d(x, filter, 1, 'same')
  const corner = slice(y, [0, 0, 0, 0], [1, 1, 1, 1])
  await corner.data()
  corner.dispose()
  y.dispose()
}

/** First values of parameters and buffers, made on the host so that every backend starts from the same bits. */
import { normalStream, randomStream } from './random.ts'
import type { BufferInfo, Initializer, ParameterInfo } from './types.ts'

/**
 * The first value of a parameter or buffer.
 * @param seed the run's seed; the stream depends on it and on the name, not on the order of the network.
 * @returns row-major values of the info's shape.
 * @source Kaiming normal: He et al. 2015, eq. 10 (fan in) and 14 (fan out).
 */
export function initialValue(info: ParameterInfo | BufferInfo, seed: number): Float32Array {
  const values = new Float32Array(info.shape.reduce((product, side) => product * side, 1))
  const draw = drawerOf(info.initializer, info.shape, randomStream(seed, info.name))
  for (let i = 0; i < values.length; i++) values[i] = draw()
  return values
}

function drawerOf(initializer: Initializer, shape: readonly number[], uniform: () => number): () => number {
  const normal = normalStream(uniform)
  switch (initializer.kind) {
    case 'zeros':
      return () => 0
    case 'ones':
      return () => 1
    case 'constant':
      return () => initializer.value
    case 'kaiming-normal': {
      const sigma = Math.sqrt(2 / fanOf(shape, initializer.fan))
      return () => sigma * normal()
    }
    case 'uniform-fan-in': {
      const bound = Math.sqrt(initializer.gain / fanOf(shape, 'in'))
      return () => bound * (2 * uniform() - 1)
    }
    case 'xavier-uniform': {
      const bound = Math.sqrt(6 / (fanOf(shape, 'in') + fanOf(shape, 'out')))
      return () => bound * (2 * uniform() - 1)
    }
    case 'he-uniform': {
      const bound = Math.sqrt(6 / fanOf(shape, 'in'))
      return () => bound * (2 * uniform() - 1)
    }
    case 'normal':
      return () => initializer.stddev * normal()
    case 'truncated-fan-in': {
      const sigma = Math.sqrt(initializer.gain / fanOf(shape, 'in')) / initializer.shrink
      return () => sigma * truncated(normal)
    }
    case 'truncated-normal':
      return () => initializer.stddev * truncated(normal)
  }
}

/** Weights are [..., in, out]; a vector counts as fed by one value. */
function fanOf(shape: readonly number[], side: 'in' | 'out'): number {
  if (shape.length < 2) return 1
  const window = shape.slice(0, -2).reduce((product, size) => product * size, 1)
  return window * (side === 'in' ? (shape.at(-2) ?? 1) : (shape.at(-1) ?? 1))
}

/** A standard normal number within ±2, by rejection. */
function truncated(normal: () => number): number {
  let value = normal()
  while (Math.abs(value) > 2) value = normal()
  return value
}

/** First values: their distributions, and that they come from seed and name alone. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { initialValue, randomStream, type Initializer } from '../../../core/graph/index.ts'

const shape = [3, 3, 32, 64]

function draw(initializer: Initializer, of: readonly number[] = shape, name = 'w', seed = 0): Float32Array {
  return initialValue({ name, shape: of, initializer }, seed)
}

function moments(values: Float32Array): { mean: number; deviation: number; largest: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
  return { mean, deviation, largest: values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) }
}

function near(got: number, expected: number): void {
  assert.ok(Math.abs(got - expected) <= 0.02 * expected, `${got}, expected ${expected}`)
}

test('Kaiming normal has variance 2 / fan', () => {
  const fanOut = moments(draw({ kind: 'kaiming-normal', fan: 'out' }))
  near(fanOut.deviation, Math.sqrt(2 / (9 * 64)))
  assert.ok(Math.abs(fanOut.mean) < 0.02 * fanOut.deviation)
  near(moments(draw({ kind: 'kaiming-normal', fan: 'in' })).deviation, Math.sqrt(2 / (9 * 32)))
  // Normal, not cut off: among 18,432 draws the largest lies beyond 3.5 σ.
  assert.ok(fanOut.largest > 3.5 * fanOut.deviation)
})

test('uniform over the fan in stays within its bound and fills it', () => {
  const { deviation, largest } = moments(draw({ kind: 'uniform-fan-in', gain: 1 }, [512, 40]))
  const bound = 1 / Math.sqrt(512)
  near(deviation, bound / Math.sqrt(3))
  assert.ok(largest <= bound && largest > 0.99 * bound)
})

test('the bias of a dense layer gets the bound of its layer through the gain', () => {
  const { largest } = moments(draw({ kind: 'uniform-fan-in', gain: 1 / 100 }, [10_000]))
  assert.ok(largest <= 0.1 && largest > 0.099)
})

test('a truncated normal ends at two deviations', () => {
  const { deviation, largest } = moments(draw({ kind: 'truncated-normal', stddev: 0.1 }))
  assert.ok(largest <= 0.2 && largest > 0.19)
  // The standard deviation of a normal cut at ±2 σ is 0.8796 σ.
  near(deviation, 0.08796)
})

test('zeros and ones are just that', () => {
  assert.deepEqual([...draw({ kind: 'zeros' }, [3])], [0, 0, 0])
  assert.deepEqual([...draw({ kind: 'ones' }, [3])], [1, 1, 1])
})

test('seed and name each change the stream', () => {
  const normal: Initializer = { kind: 'kaiming-normal', fan: 'in' }
  const one = draw(normal, [4, 4], 'a', 1)
  assert.deepEqual(draw(normal, [4, 4], 'a', 1), one)
  assert.notDeepEqual(draw(normal, [4, 4], 'b', 1), one)
  assert.notDeepEqual(draw(normal, [4, 4], 'a', 2), one)
})

test('streams of neighbouring seeds and names are uncorrelated', () => {
  const count = 20_000
  const streams = [randomStream(0, 'a'), randomStream(1, 'a'), randomStream(0, 'b'), randomStream(-1, 'a')]
  const draws = streams.map(stream => Array.from({ length: count }, () => stream() - 0.5))
  for (const [i, a] of draws.entries()) {
    for (const b of draws.slice(i + 1)) {
      const correlation = a.reduce((sum, value, k) => sum + value * b[k]!, 0) / (count / 12)
      assert.ok(Math.abs(correlation) < 4 / Math.sqrt(count), `correlation ${correlation}`)
    }
  }
})

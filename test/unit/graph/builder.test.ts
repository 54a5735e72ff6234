/** Shapes of every operation, and what the builder says of graphs that do not fit. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../../../core/errors/index.ts'
import { GraphBuilder, summarise } from '../../../core/graph/index.ts'

function builder(shape: [number, number, number] = [9, 7, 6]): GraphBuilder {
  return new GraphBuilder('net', shape)
}

function problem(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    assert.ok(error instanceof AppError, String(error))
    return error.message
  }
  throw new Error('nothing was refused')
}

test('every operation infers its shape', () => {
  const g = builder()
  assert.deepEqual(
    g.shapeOf(g.conv('a', g.input, { filters: 5, kernel: 3, stride: 2, padding: 1 })),
    [5, 4, 5],
  )
  assert.deepEqual(
    g.shapeOf(g.conv('b', g.input, { filters: 5, kernel: [1, 7], padding: 'same' })),
    [9, 7, 5],
  )
  assert.deepEqual(
    g.shapeOf(g.conv('c', g.input, { filters: 5, kernel: 3, stride: 2, padding: 'same' })),
    [5, 4, 5],
  )
  assert.deepEqual(
    g.shapeOf(g.conv('d', g.input, { filters: 5, kernel: 2, padding: [0, 1, 0, 1] })),
    [9, 7, 5],
  )
  assert.deepEqual(g.shapeOf(g.batchNorm('e', g.input)), [9, 7, 6])
  assert.deepEqual(g.shapeOf(g.relu('f', g.input)), [9, 7, 6])
  assert.deepEqual(g.shapeOf(g.add('g', ['e', 'f'])), [9, 7, 6])
  assert.deepEqual(g.shapeOf(g.concat('h', ['b', 'd', 'f'])), [9, 7, 16])
  assert.deepEqual(g.shapeOf(g.maxPool('i', g.input, { kernel: 3, stride: 2, padding: 1 })), [5, 4, 6])
  assert.deepEqual(g.shapeOf(g.avgPool('j', g.input, { kernel: 2, stride: 2 })), [4, 3, 6])
  assert.deepEqual(g.shapeOf(g.globalAvgPool('k', g.input)), [6])
  assert.deepEqual(g.shapeOf(g.flatten('l', g.input)), [378])
  assert.deepEqual(g.shapeOf(g.dropout('m', 'l', 0.5)), [378])
  assert.deepEqual(g.shapeOf(g.dense('n', 'm', { units: 3 })), [3])
  assert.deepEqual(g.shapeOf(g.shortcutA('o', g.input, { stride: 2, channels: 12 })), [5, 4, 12])
})

test('a misfit names the node, what was expected and what was found', () => {
  const g = builder()
  g.conv('narrow', g.input, { filters: 2, kernel: 1 })
  g.globalAvgPool('pooled', g.input)
  const cases: [RegExp, () => unknown][] = [
    [
      /add 'sum': expected inputs of one shape, got \[9, 7, 6\] and \[9, 7, 2\]/,
      () => g.add('sum', [g.input, 'narrow']),
    ],
    [
      /conv 'big': a window of 11 x 11 does not fit an input of 9 x 7/,
      () => g.conv('big', g.input, { filters: 1, kernel: 11 }),
    ],
    [
      /dense 'fc': expected an input \[C\], got \[9, 7, 6\]; flatten or pool it first/,
      () => g.dense('fc', g.input, { units: 2 }),
    ],
    [
      /conv 'flat': expected an input \[H, W, C\], got \[6\]/,
      () => g.conv('flat', 'pooled', { filters: 1, kernel: 1 }),
    ],
    [
      /dropout 'drop': rate: expected a number from 0 up to but not including 1, got 1/,
      () => g.dropout('drop', 'pooled', 1),
    ],
    [
      /conv 'none': expected at least one filter, got 0/,
      () => g.conv('none', g.input, { filters: 0, kernel: 1 }),
    ],
    [
      /shortcut_a 'less': expected at least the 6 channels of the input, got 3/,
      () => g.shortcutA('less', g.input, { stride: 1, channels: 3 }),
    ],
    [/two nodes are named 'narrow'/, () => g.relu('narrow', g.input)],
    [/no node 'lost'. Known: input, narrow, pooled/, () => g.relu('after', 'lost')],
    [/expected an input \[H, W, C\] of positive integers, got \[0, 4, 3\]/, () => builder([0, 4, 3])],
  ]
  for (const [message, run] of cases) assert.match(problem(run), message)
})

test('the summary counts parameters and multiply-accumulates by layer', () => {
  const g = builder([8, 8, 3])
  const x = g.relu(
    'relu',
    g.batchNorm('bn', g.conv('conv', g.input, { filters: 4, kernel: 3, stride: 2, padding: 1, bias: true })),
  )
  const { layers, macs, parameterCount } = summarise(
    g.build({ logits: g.dense('fc', g.globalAvgPool('pool', x), { units: 2 }) }),
  )
  assert.deepEqual(
    layers.map(layer => [layer.name, layer.parameterCount, layer.macs]),
    [
      ['input', 0, 0],
      ['conv', 3 * 3 * 3 * 4 + 4, 4 * 4 * 4 * 27],
      ['bn', 8, 0],
      ['relu', 0, 0],
      ['pool', 0, 0],
      ['fc', 10, 8],
    ],
  )
  assert.equal(parameterCount, 130)
  assert.equal(macs, 1736)
})

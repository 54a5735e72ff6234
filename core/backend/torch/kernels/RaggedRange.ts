/** Ranges of different lengths, one behind the other: where each begins, and all values. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { giveIntegers, numbersOf, require } from './shared/host.ts'
import { composed } from './shared/kernel.ts'
import { range } from './shared/shapes.ts'

interface Inputs {
  readonly starts: TensorInfo
  readonly limits: TensorInfo
  readonly deltas: TensorInfo
}

const mostValues = 2 ** 31 - 1

export const RaggedRange = composed<Inputs>('RaggedRange', (work, inputs) => {
  const names = ['starts', 'limits', 'deltas'] as const
  for (const name of names)
    require(inputs[name].shape.length <= 1, () => `${name} must be a scalar or vector`)
  const lengths = names.flatMap(name => inputs[name].shape)
  require(new Set(lengths).size <= 1, () => 'starts, limits, and deltas must have the same shape')
  const [starts, limits, deltas] = names.map(name => {
    const values = numbersOf(work, inputs[name])
    return (row: number): number => values[inputs[name].shape.length === 0 ? 0 : row]!
  })
  const rows = range(lengths[0] ?? 1).map(row => {
    const [start, delta] = [starts!(row), deltas!(row)]
    const count = countOf(start, limits!(row), delta)
    return range(count).map(index => start + index * delta)
  })
  const splits = [0]
  for (const row of rows) splits.push(splits.at(-1)! + row.length)
  const values = Float64Array.from(rows.flat())
  return [giveIntegers(work, splits), work.giveValues(values, inputs.starts.dtype, [values.length])]
})

function countOf(start: number, limit: number, delta: number): number {
  require(delta !== 0, () => 'Requires delta != 0')
  const count = Math.max(0, Math.ceil((limit - start) / delta))
  require(count <= mostValues, () => `Requires ((limit - start) / delta) <= ${mostValues}`)
  return count
}

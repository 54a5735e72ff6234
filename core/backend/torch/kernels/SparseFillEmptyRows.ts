/** A sparse matrix in the order of its rows, each empty row filled with a default value. */
import { backend_util } from '@tensorflow/tfjs-core'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { giveIntegers, integersOf, require } from './shared/host.ts'
import { torchKernel } from './shared/kernel.ts'
import { moved } from './shared/movement.ts'
import { range } from './shared/shapes.ts'
import { Work } from './shared/work.ts'

interface Inputs {
  /** [elements, rank] */
  readonly indices: TensorInfo
  readonly values: TensorInfo
  readonly denseShape: TensorInfo
  readonly defaultValue: TensorInfo
}

export const SparseFillEmptyRows = torchKernel<Inputs>('SparseFillEmptyRows', ({ inputs, backend }) => {
  const { indices, values, denseShape, defaultValue } = inputs
  require(denseShape.shape.length === 1, () => `Dense shape must be a vector, saw: ${denseShape.shape}`)
  require(indices.shape.length === 2, () => `Indices must be a matrix, saw: ${indices.shape}`)
  require(values.shape.length === 1, () => `Values must be a vector, saw: ${values.shape}`)
  require(defaultValue.shape.length === 0, () => `Default value must be a scalar, saw: ${defaultValue.shape}`)
  const work = new Work(backend)
  const [count = 0, rank = 1] = indices.shape
  const places = integersOf(work, indices)
  const rowCount = integersOf(work, denseShape)[0] ?? 0
  const rows = elementsByRow(places, count, rank, rowCount)
  // An element of −1 stands for the default value.
  const order = rows.flatMap(row => (row.length === 0 ? [-1] : row))
  const whole = rows.flatMap((row, index) => (row.length === 0 ? [[index, ...range(rank - 1).map(() => 0)]] : row.map(element => Array.from(places.subarray(element * rank, (element + 1) * rank))))) // prettier-ignore
  const filled = moved({ inputs: { values, defaultValue }, attrs: {}, backend }, (move, given) => {
    const pool = move.run(
      'aten::cat',
      [move.of(given.values), move.reshape(move.of(given.defaultValue), [1])],
      0,
    )
    const taken = move.indices(order.map(element => (element < 0 ? count : element)))
    return move.give(move.run('aten::index_select', pool, 0, taken), values.dtype)
  })
  const isEmpty = Uint8Array.from(rows, row => (row.length === 0 ? 1 : 0))
  return [
    giveIntegers(work, whole.flat(), [order.length, rank]),
    filled as TensorInfo,
    work.giveValues(isEmpty, 'bool', [rowCount]),
    giveIntegers(work, range(count).map(element => order.indexOf(element))), // prettier-ignore
  ]
})

function elementsByRow(places: Int32Array, count: number, rank: number, rowCount: number): number[][] {
  require(rowCount > 0 || count === 0, () =>
    backend_util.getSparseFillEmptyRowsIndicesDenseShapeMismatch(count))
  const rows = range(rowCount).map((): number[] => [])
  for (const element of range(count)) {
    const row = places[element * rank]!
    require(row >= 0, () => backend_util.getSparseFillEmptyRowsNegativeIndexErrorMessage(element, row))
    require(row < rowCount, () =>
      backend_util.getSparseFillEmptyRowsOutOfRangeIndexErrorMessage(element, row, rowCount))
    rows[row]!.push(element)
  }
  return rows
}

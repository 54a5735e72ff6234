/** A ragged tensor as a dense one: rows that are too short are filled up, rows that are too long cut. */
import { backend_util } from '@tensorflow/tfjs-core'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { integersOf, require } from './shared/host.ts'
import { torchKernel } from './shared/kernel.ts'
import { moved } from './shared/movement.ts'
import { range, sizeOf } from './shared/shapes.ts'
import { Work } from './shared/work.ts'

interface Inputs {
  /** −1 for a dimension as long as its longest row. */
  readonly shape: TensorInfo
  readonly values: TensorInfo
  readonly defaultValue: TensorInfo
  /** Per level, which elements belong to which row. */
  readonly rowPartitionTensors: TensorInfo[]
}
interface Attributes {
  readonly rowPartitionTypes: string[]
}

const { RowPartitionType } = backend_util

export const RaggedTensorToTensor = torchKernel<Inputs, Attributes>(
  'RaggedTensorToTensor',
  ({ inputs, attrs, backend }) => {
    const work = new Work(backend)
    const { values, defaultValue } = inputs
    const partitions = inputs.rowPartitionTensors.map(tensor => integersOf(work, tensor))
    const types = backend_util.getRowPartitionTypesHelper(attrs.rowPartitionTypes)
    const rank = backend_util.getRaggedRank(types)
    const rowCount = firstDimension(partitions, types)
    const hasSize = types[0] === RowPartitionType.FIRST_DIM_SIZE
    // Per level, the row of each element.
    const levels = range(rank).map(level => rowsOf(partitions[level + (hasSize ? 1 : 0)]!, types[level + (hasSize ? 1 : 0)]!)) // prettier-ignore
    const outShape = outputShape(work, inputs, rank, [rowCount, ...levels.map(longestRow)])

    let places = range(rowCount).map(row => (row < outShape[0]! ? row : -1))
    for (const [level, rows] of levels.entries()) places = placesOf(rows, places, outShape[level + 1]!)
    const kept = range(places.length).filter(element => places[element]! >= 0)
    const inner = outShape.slice(rank + 1)
    const slots = sizeOf(outShape.slice(0, rank + 1))
    const dense = moved({ inputs: { values, defaultValue }, attrs: {}, backend }, (move, given) => {
      const type = backend.addon.dtype(move.of(given.values))
      const filler = move.as(move.of(given.defaultValue), type)
      const before = move.run('aten::contiguous', move.run('aten::expand', filler, [slots, ...inner]))
      const taken = move.run('aten::index_select', move.of(given.values), 0, move.indices(kept))
      const target = move.indices(kept.map(element => places[element]!))
      const filled = move.run('aten::index_copy', before, 0, target, taken)
      return move.give(move.reshape(filled, outShape), values.dtype, outShape)
    })
    return dense
  },
)

function firstDimension(partitions: readonly Int32Array[], types: readonly number[]): number {
  require(types.length > 0, () => 'No row_partition_types given.')
  const first = partitions[0]!
  require(first.length > 0, () => 'Invalid first partition input. Tensor requires at least one element.')
  require(types[0] !== RowPartitionType.VALUE_ROWIDS, () => 'Cannot handle VALUE_ROWIDS in first dimension.')
  return types[0] === RowPartitionType.FIRST_DIM_SIZE ? first[0]! : first.length - 1
}

function rowsOf(partition: Int32Array, type: number): number[] {
  if (type === RowPartitionType.VALUE_ROWIDS) return Array.from(partition)
  require(type === RowPartitionType.ROW_SPLITS, () =>
    `Cannot handle partition type ${RowPartitionType[type]}`)
  const lengths = range(partition.length - 1).map(row => partition[row + 1]! - partition[row]!)
  return lengths.flatMap((length, row) => new Array<number>(length).fill(row))
}

function longestRow(rows: readonly number[]): number {
  const lengths = new Map<number, number>()
  for (const row of rows) lengths.set(row, (lengths.get(row) ?? 0) + 1)
  return Math.max(0, ...lengths.values())
}

/** @param found the lengths that the partitions have */
function outputShape(work: Work, inputs: Inputs, rank: number, found: readonly number[]): number[] {
  const { shape, values, defaultValue } = inputs
  backend_util.validateDefaultValueShape(defaultValue.shape, values.shape)
  const asked = Array.from(integersOf(work, shape))
  if (shape.shape.length === 0) {
    require(asked[0] === -1, () =>
      'The only valid scalar shape tensor is the fully unknown shape specified as -1.')
    asked.length = 0
  }
  for (const length of asked) require(length >= -1, () => `Dimension ${length} must be >= -1`)
  const combined = backend_util.combineRaggedTensorToTensorShapes(rank, asked, values.shape)
  return combined.map((length, axis) => (length < 0 ? (found[axis] ?? 0) : length))
}

/** Where each element goes, −1 for nowhere. @param parents where its row goes */
function placesOf(rows: readonly number[], parents: readonly number[], width: number): number[] {
  const filled = new Map<number, number>()
  return rows.map(row => {
    require(row < parents.length, () =>
      `A row has the number ${row}, which is not less than ${parents.length}`)
    const column = filled.get(row) ?? 0
    filled.set(row, column + 1)
    return parents[row]! >= 0 && column < width ? parents[row]! * width + column : -1
  })
}

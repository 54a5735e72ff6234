/** Rows of a ragged tensor by index: where the parts of each level begin, and the values themselves. */
import { util } from '@tensorflow/tfjs-core'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { giveIntegers, integersOf, require } from './shared/host.ts'
import { torchKernel } from './shared/kernel.ts'
import { moved } from './shared/movement.ts'
import { range, sizeOf } from './shared/shapes.ts'
import { Work } from './shared/work.ts'

interface Inputs {
  /** Per level, where each part begins in the level below, and the end. */
  readonly paramsNestedSplits: TensorInfo[]
  readonly paramsDenseValues: TensorInfo
  readonly indices: TensorInfo
}

export const RaggedGather = torchKernel<Inputs>('RaggedGather', ({ inputs, backend }) => {
  const { paramsNestedSplits, paramsDenseValues: values, indices } = inputs
  require(paramsNestedSplits.length > 0, () => 'paramsNestedSplits must be non empty')
  require(paramsNestedSplits[0]!.shape.length > 0, () => 'Split tensors must not be scalars')
  const work = new Work(backend)
  const levels = paramsNestedSplits.map(splits => integersOf(work, splits))
  const wanted = integersOf(work, indices)
  checkIndices(wanted, indices.shape, levels[0]!.length - 1)
  require(values.shape.length > 0, () => 'params.rank must be nonzero')
  checkSplits(levels, values.shape[0]!)

  let parts = Array.from(wanted, index => [index])
  const splits = outerSplits(indices.shape)
  for (const level of levels) {
    const children = parts.flat().map(part => ({ from: level[part]!, to: level[part + 1]! }))
    splits.push(startsOf(children.map(({ from, to }) => to - from)))
    parts = children.map(({ from, to }) => range(to - from).map(index => from + index))
  }
  const taken = parts.flat()
  const gathered = moved({ inputs: { values }, attrs: {}, backend }, (move, given) =>
    move.give(move.run('aten::index_select', move.of(given.values), 0, move.indices(taken)), values.dtype),
  )
  // A single row has no outermost level.
  const own = indices.shape.length === 0 ? splits.slice(1) : splits
  const all = [...own.map(each => giveIntegers(work, each)), gathered as TensorInfo]
  work.free()
  return all
})

/** Levels that come from the indices' own shape: all parts of one have the same length. */
function outerSplits(shape: readonly number[]): number[][] {
  return range(Math.max(0, shape.length - 1)).map(level => {
    const count = sizeOf(shape.slice(0, level + 1))
    return range(count + 1).map(part => part * shape[level + 1]!)
  })
}

function startsOf(lengths: readonly number[]): number[] {
  const starts = [0]
  for (const length of lengths) starts.push(starts.at(-1)! + length)
  return starts
}

function checkIndices(indices: Int32Array, shape: readonly number[], count: number): void {
  for (const [place, index] of indices.entries()) {
    require(index >= 0 && index < count, () => {
      const where = util.indexToLoc(place, shape.length, util.computeStrides(shape as number[]))
      return `indices[${where.join(',')}] = ${index} is not in [0, ${count})`
    })
  }
}

function checkSplits(levels: readonly Int32Array[], valueCount: number): void {
  for (const [level, splits] of levels.entries()) {
    const last = levels[level + 1]?.length ?? valueCount
    require(splits.length > 0, () => 'Ragged splits may not be empty')
    require(splits[0]! >= 0, () => 'Ragged splits must be non-negative')
    require(splits.at(-1)! <= last, () => 'Ragged splits must not point past values')
    const ascends = splits.every((split, index) => index === 0 || splits[index - 1]! <= split)
    require(ascends, () => 'Ragged splits must be sorted in ascending order')
  }
}

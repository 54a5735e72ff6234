/** The indices of a sparse tensor's elements after a change of its shape, and the new shape. */
import { backend_util } from '@tensorflow/tfjs-core'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { giveIntegers, integersOf, require } from './shared/host.ts'
import { composed } from './shared/kernel.ts'
import { range, sizeOf } from './shared/shapes.ts'

interface Inputs {
  /** [elements, rank] */
  readonly inputIndices: TensorInfo
  readonly inputShape: TensorInfo
  /** One dimension may be −1: what is left. */
  readonly newShape: TensorInfo
}

export const SparseReshape = composed<Inputs>('SparseReshape', (work, inputs) => {
  const { inputIndices, inputShape, newShape } = inputs
  require(inputIndices.shape.length === 2, () =>
    `Input indices should be a matrix but received shape ${inputIndices.shape}`)
  require(inputShape.shape.length === 1, () =>
    `Input shape should be a vector but received shape ${inputShape.shape}`)
  require(newShape.shape.length === 1, () =>
    `Target shape should be a vector but received shape ${newShape.shape}`)
  const from = Array.from(integersOf(work, inputShape))
  const to = completed(Array.from(integersOf(work, newShape)), from)
  const indices = integersOf(work, inputIndices)
  const count = inputIndices.shape[0]!
  const moved = range(count).flatMap(element => {
    const place = indices.subarray(element * from.length, (element + 1) * from.length)
    return placeIn(
      to,
      from.reduce((flat, length, axis) => flat * length + place[axis]!, 0),
    )
  })
  return [giveIntegers(work, moved, [count, to.length]), giveIntegers(work, to)]
})

/** The shape with its −1, if any, worked out. */
function completed(shape: readonly number[], from: readonly number[]): number[] {
  const open: number[] = []
  for (const [axis, length] of shape.entries()) {
    if (length === -1) open.push(axis)
    else require(length >= 0, () => backend_util.getSparseReshapeNegativeOutputDimErrorMessage(axis, length))
  }
  const [first, second] = open
  require(second === undefined, () =>
    backend_util.getSparseReshapeMultipleNegativeOneOutputDimErrorMessage(first!, second!))
  const size = sizeOf(from)
  const known = sizeOf(shape.map(length => (length === -1 ? 1 : length)))
  if (first === undefined) {
    require(known === size, () =>
      backend_util.getSparseReshapeInputOutputMismatchErrorMessage([...from], [...shape]))
    return [...shape]
  }
  require(known > 0, () => backend_util.getSparseReshapeEmptyTensorZeroOutputDimErrorMessage())
  const filled = shape.map(length => (length === -1 ? 1 : length))
  require(size % known === 0, () =>
    backend_util.getSparseReshapeInputOutputMultipleErrorMessage([...from], filled))
  return shape.map(length => (length === -1 ? size / known : length))
}

function placeIn(shape: readonly number[], flat: number): number[] {
  const place: number[] = []
  let rest = flat
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place.unshift(rest % shape[axis]!)
    rest = Math.floor(rest / shape[axis]!)
  }
  return place
}

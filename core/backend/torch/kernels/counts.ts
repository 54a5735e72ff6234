/** How often each number occurs, or the sum of its weights: over a vector, or over each row of a matrix. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { AppError } from '../../../errors/index.ts'
import { scalarTypeOf } from '../backend.ts'
import { scalarTypes } from '../binding.ts'
import { composed } from './shared/kernel.ts'
import type { TorchKernel } from './shared/kernel.ts'
import { sizeOf } from './shared/shapes.ts'

interface Inputs {
  readonly x: TensorInfo
  readonly weights: TensorInfo
}
interface Attributes {
  /** Numbers from this on are left out. */
  readonly size: number
  /** 1 for what occurs. */
  readonly binaryOutput?: boolean
}

export const counts: readonly TorchKernel[] = [row('Bincount'), row('DenseBincount')]

function row(name: string): TorchKernel {
  return composed<Inputs, Attributes>(name, (work, { x, weights }, { size, binaryOutput = false }) => {
    const shape = name === 'Bincount' ? [sizeOf(x.shape)] : x.shape
    const last = shape.length - 1
    if (last > 1)
      throw new AppError('internal', `${name}: x must be a vector or a matrix, got rank ${x.shape.length}`)
    if ((work.backend.readSync(x.dataId) as Int32Array).some(value => value < 0))
      throw new AppError('internal', 'Input x must be non-negative!')
    const type = scalarTypeOf(weights.dtype)
    // One place more takes the numbers that are too large.
    const index = work.run(
      'aten::clamp_max',
      work.as(work.reshape(work.of(x), shape), scalarTypes.int64),
      size,
    )
    const isWeighted = sizeOf(weights.shape) > 0 && !binaryOutput
    const amounts = isWeighted ? work.reshape(work.of(weights), shape) : work.full(shape, 1, type)
    const zeros = work.full([...shape.slice(0, -1), size + 1], 0, type)
    const operator = binaryOutput ? 'aten::scatter.src' : 'aten::scatter_add'
    const sums = work.run(operator, zeros, last, index, amounts)
    return work.give(work.run('aten::narrow', sums, last, 0, size), weights.dtype)
  })
}

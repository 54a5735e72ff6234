/** Reductions over axes: one row a kernel. */
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core'
import { scalarTypes } from '../binding.ts'
import type { Handle } from '../binding.ts'
import { numeric } from './shared/dtypes.ts'
import { composed } from './shared/kernel.ts'
import type { TorchKernel } from './shared/kernel.ts'
import { axesOf, reducedShape } from './shared/shapes.ts'
import type { Work } from './shared/work.ts'

interface Attributes {
  readonly axis?: number | readonly number[]
  /** What `Max` alone calls its axes. */
  readonly reductionIndices?: number | readonly number[]
  readonly keepDims?: boolean
}
type Reduce = (work: Work, x: Handle, axes: readonly number[]) => Handle

const same = (x: DataType): DataType => x
const float = (): DataType => 'float32'
const bool = (): DataType => 'bool'

export const reductions: readonly TorchKernel[] = [
  row('All', bool, (work, x, axes) => oneByOne(work, 'aten::all.dim', x, axes)),
  row('Any', bool, (work, x, axes) => oneByOne(work, 'aten::any.dim', x, axes)),
  row('Max', same, (work, x, axes) => work.run('aten::amax', x, axes, true)),
  row('Mean', float, (work, x, axes) => work.run('aten::mean.dim', work.float(x), axes, true)),
  row('Min', same, (work, x, axes) => work.run('aten::amin', x, axes, true)),
  row('Prod', numeric, (work, x, axes) => oneByOne(work, 'aten::prod.dim_int', x, axes)),
  row('Sum', numeric, (work, x, axes) => work.run('aten::sum.dim_IntList', x, axes, true)),
]

function row(name: string, resultType: (x: DataType) => DataType, reduce: Reduce): TorchKernel {
  return composed<{ x: TensorInfo }, Attributes>(name, (work, { x }, attrs) => {
    const axes = axesOf(attrs.axis ?? attrs.reductionIndices, x.shape.length)
    const shape = reducedShape(x.shape, axes, attrs.keepDims === true)
    const input = work.of(x)
    const isAll = name === 'All' || name === 'Any'
    const ready = isAll ? work.as(input, scalarTypes.bool) : input
    const reduced = axes.length === 0 ? work.run('aten::clone', ready) : reduce(work, ready, axes)
    return work.give(work.reshape(reduced, shape), resultType(x.dtype), shape)
  })
}

/** Some operators take one axis at a time. */
function oneByOne(work: Work, operator: string, x: Handle, axes: readonly number[]): Handle {
  let reduced = x
  for (const axis of axes) reduced = work.run(operator, reduced, axis, true)
  return reduced
}

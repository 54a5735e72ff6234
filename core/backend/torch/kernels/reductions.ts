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
type Reduce = (work: Work, x: Handle, axes: readonly number[], keepDims: boolean) => Handle

const same = (x: DataType): DataType => x
const float = (): DataType => 'float32'
const bool = (): DataType => 'bool'

export const reductions: readonly TorchKernel[] = [
  row('All', bool, (work, x, axes, keepDims) => oneByOne(work, 'aten::all.dim', x, axes, keepDims)),
  row('Any', bool, (work, x, axes, keepDims) => oneByOne(work, 'aten::any.dim', x, axes, keepDims)),
  row('Max', same, (work, x, axes, keepDims) => work.run('aten::amax', x, axes, keepDims)),
  row('Mean', float, (work, x, axes, keepDims) => work.run('aten::mean.dim', work.float(x), axes, keepDims)),
  row('Min', same, (work, x, axes, keepDims) => work.run('aten::amin', x, axes, keepDims)),
  row('Prod', numeric, (work, x, axes, keepDims) => oneByOne(work, 'aten::prod.dim_int', x, axes, keepDims)),
  row('Sum', numeric, (work, x, axes, keepDims) => work.run('aten::sum.dim_IntList', x, axes, keepDims)),
]

function row(name: string, resultType: (x: DataType) => DataType, reduce: Reduce): TorchKernel {
  return composed<{ x: TensorInfo }, Attributes>(name, (work, { x }, attrs) => {
    const axes = axesOf(attrs.axis ?? attrs.reductionIndices, x.shape.length)
    const keepDims = attrs.keepDims === true
    const shape = reducedShape(x.shape, axes, keepDims)
    const input = work.of(x)
    const isAll = name === 'All' || name === 'Any'
    const ready = isAll ? work.as(input, scalarTypes.bool) : input
    const reduced = axes.length === 0 ? work.run('aten::clone', ready) : reduce(work, ready, axes, keepDims)
    return work.give(reduced, resultType(x.dtype), shape)
  })
}

/** Some operators take one axis at a time; from the last on, so that the others keep their places. */
function oneByOne(
  work: Work,
  operator: string,
  x: Handle,
  axes: readonly number[],
  keepDims: boolean,
): Handle {
  return axes.reduceRight((reduced, axis) => work.run(operator, reduced, axis, keepDims), x)
}

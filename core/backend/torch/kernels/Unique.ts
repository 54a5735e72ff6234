/** The different slices along an axis in the order in which they first appear, and for each slice which of them it is. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { torchKernel } from './shared/kernel.ts'
import { moved } from './shared/movement.ts'
import { axesOf, sizeOf } from './shared/shapes.ts'
import { textsOf } from './shared/strings.ts'

interface Found {
  /** Where each first appears. */
  readonly first: number[]
  readonly which: Int32Array
}

export const Unique = torchKernel<{ x: TensorInfo }, { axis: number }>('Unique', call => {
  const { inputs, attrs, backend } = call
  const { x } = inputs
  const [axis = 0] = axesOf(attrs.axis ?? 0, x.shape.length)
  const values =
    x.dtype === 'string' ? textsOf(x, backend) : Array.from(backend.readSync(x.dataId) as Float32Array)
  const { first, which } = findUnique(values, x.shape, axis)
  const slices = moved(call, (work, { x }) =>
    work.give(work.run('aten::index_select', work.of(x), axis, work.indices(first)), x.dtype),
  )
  const dataId = backend.write(which, [which.length], 'int32')
  return [slices as TensorInfo, { dataId, shape: [which.length], dtype: 'int32' }]
})

function findUnique(values: readonly (string | number)[], shape: readonly number[], axis: number): Found {
  const length = shape[axis]!
  const inner = sizeOf(shape.slice(axis + 1))
  const outer = sizeOf(shape.slice(0, axis))
  const known = new Map<string, number>()
  const first: number[] = []
  const which = Int32Array.from({ length }, (_, place) => {
    const slice: (string | number)[] = []
    for (let block = 0; block < outer; block++) {
      const start = (block * length + place) * inner
      slice.push(...values.slice(start, start + inner))
    }
    const key = JSON.stringify(slice.map(String))
    const found = known.get(key) ?? known.size
    if (found === known.size) {
      known.set(key, found)
      first.push(place)
    }
    return found
  })
  return { first, which }
}

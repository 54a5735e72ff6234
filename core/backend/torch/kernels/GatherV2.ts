/** Slices of a tensor along an axis, by index; with `batchDims`, each batch has indices of its own. */
import { backend_util } from '@tensorflow/tfjs-core'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { AppError } from '../../../errors/index.ts'
import { scalarTypes } from '../binding.ts'
import type { Handle } from '../binding.ts'
import { movement } from './shared/movement.ts'
import { axesOf, sizeOf } from './shared/shapes.ts'
import type { Work } from './shared/work.ts'

interface Inputs {
  readonly x: TensorInfo
  readonly indices: TensorInfo
}
interface Attributes {
  readonly axis: number
  readonly batchDims?: number
}

export const GatherV2 = movement<Inputs, Attributes>('GatherV2', (work, { x, indices }, attrs) => {
  const [axis = 0] = axesOf(attrs.axis, x.shape.length)
  const { segment_util } = backend_util
  const info = segment_util.collectGatherOpShapeInfo(x as never, indices as never, axis, attrs.batchDims ?? 0)
  const { batchSize, outerSize, dimSize, sliceSize, outputShape } = info
  const count = sizeOf(indices.shape) / batchSize
  const batches = work.reshape(work.of(x), [batchSize, outerSize, dimSize, sliceSize])
  const rows = work.reshape(work.permute(batches, [0, 2, 1, 3]), [batchSize * dimSize, outerSize, sliceSize])
  const index = work.reshape(flatIndex(work, indices, batchSize, dimSize), [batchSize * count])
  const gathered = work.reshape(work.run('aten::index_select', rows, 0, index), [
    batchSize,
    count,
    outerSize,
    sliceSize,
  ])
  return work.give(work.reshape(work.permute(gathered, [0, 2, 1, 3]), outputShape), x.dtype, outputShape)
})

/** Indices into all batches' rows. */
function flatIndex(work: Work, indices: TensorInfo, batchSize: number, dimSize: number): Handle {
  checkRange(work, indices, dimSize)
  const own = work.as(work.of(indices), scalarTypes.int32)
  if (batchSize === 1) return own
  const first = work.run(
    'aten::arange.start_step',
    0,
    batchSize * dimSize,
    dimSize,
    scalarTypes.int32,
    null,
    work.backend.device,
  )
  return work.run('aten::add.Tensor', work.reshape(own, [batchSize, -1]), work.reshape(first, [batchSize, 1]))
}

/** Only where the values are at hand: a GPU would have to be waited for. */
function checkRange(work: Work, indices: TensorInfo, dimSize: number): void {
  if (work.backend.device !== 'cpu') return
  for (const index of work.backend.readSync(indices.dataId) as Int32Array) {
    if (index >= 0 && index < dimSize) continue
    const message = `GatherV2: the index value ${index} is not in [0, ${dimSize - 1}]`
    throw new AppError('internal', message, { index, length: dimSize })
  }
}

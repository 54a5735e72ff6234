/** What the halves of our kernels for libtorch share. */
import type { DataType, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core'
import type { TorchBackend } from '../../torch/backend.ts'
import type { Handle } from '../../torch/binding.ts'
import type { PoolGeometry } from '../../torch/fused.ts'
import type { poolInfo } from './pooling.ts'

/** The backend of a call that `on.torch` got. */
export function torchOf(backend: KernelBackend): TorchBackend {
  return backend as TorchBackend
}

/** The handle of an input that may be left out. */
export function handleOrNull(torch: TorchBackend, tensor: TensorInfo | undefined): Handle | null {
  return tensor === undefined ? null : torch.handle(tensor)
}

/** Results for tfjs, their shapes in the same order. */
export function adoptAll(
  torch: TorchBackend,
  handles: readonly Handle[],
  shapes: readonly (readonly number[])[],
  dtype: DataType = 'float32',
): TensorInfo[] {
  return handles.map((handle, index) => torch.adopt(handle, shapes[index]!, dtype))
}

/** A pooling layer as the addon takes it; null where it does not: a window without pixels, or with too many for a byte. */
export function geometryOf(info: ReturnType<typeof poolInfo>): PoolGeometry | null {
  const { filterHeight, filterWidth, strideHeight, strideWidth, outHeight, outWidth, padInfo } = info
  const { top, left } = padInfo
  const isCovered =
    top < filterHeight &&
    left < filterWidth &&
    (outHeight - 1) * strideHeight - top < info.inHeight &&
    (outWidth - 1) * strideWidth - left < info.inWidth
  const isPlain = info.dilationHeight === 1 && info.dilationWidth === 1 && info.dataFormat === 'channelsLast'
  if (!isCovered || !isPlain || filterHeight * filterWidth > 255 || info.batchSize === 0) return null
  return [filterHeight, filterWidth, strideHeight, strideWidth, top, left, outHeight, outWidth]
}

/** What the kernels of pooling layers share. */
import { backend_util, mul, tensor4d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor4D } from '@tensorflow/tfjs-core'
import type { Pad } from './convolution.ts'

/** What tfjs hands to the kernels of pooling layers. */
export interface PoolAttributes {
  readonly filterSize: number | [number, number]
  readonly strides: number | [number, number]
  readonly pad: Pad
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil'
}

/** The geometry of a pooling layer. @param inputShape [N,H,W,C] */
export function poolInfo(inputShape: readonly number[], attributes: PoolAttributes): backend_util.Conv2DInfo {
  const { filterSize, strides, pad, dimRoundingMode } = attributes
  const shape = [...inputShape] as [number, number, number, number]
  return backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode)
}

/** 1 / the number of pixels inside the image, for each window. @returns [1,oh,ow,1] */
export function inverseCounts(info: backend_util.Conv2DInfo): Tensor4D {
  const { inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth, padInfo } = info
  const rows = counts(outHeight, info.strideHeight, filterHeight, padInfo.top, inHeight)
  const columns = counts(outWidth, info.strideWidth, filterWidth, padInfo.left, inWidth)
  const values = Float32Array.from(rows.flatMap(row => columns.map(column => 1 / Math.max(1, row * column))))
  return tensor4d(values, [1, outHeight, outWidth, 1])
}

/** The window's size / the number of pixels inside the image, for each window. @returns [1,oh,ow,1] */
export function windowPerCount(info: backend_util.Conv2DInfo): Tensor4D {
  return tidy(() => mul(inverseCounts(info), info.filterHeight * info.filterWidth))
}

function counts(
  outSize: number,
  stride: number,
  filterSize: number,
  padBefore: number,
  inSize: number,
): number[] {
  return Array.from({ length: outSize }, (_, index) => {
    const start = index * stride - padBefore
    return Math.max(0, Math.min(inSize, start + filterSize) - Math.max(0, start))
  })
}

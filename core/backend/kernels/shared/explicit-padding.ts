/**
 * Explicit padding for TensorFlow's kernels, which take only TensorFlow's own two: what they shall see is padded beforehand,
 * they run without padding ('valid'), and gradients are cropped afterwards.
 */
import { pad, slice } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import type { ConvolutionInfo } from './convolution.ts'

/** Whether tfjs-node passes the padding on; it refuses numbers and explicit amounts. */
export function isOfTensorflow({ padInfo }: ConvolutionInfo): boolean {
  return padInfo.type === 'VALID' || padInfo.type === 'SAME'
}

/** tfjs's form of the pixels around an image for which windows without padding give the outputs of `info`. */
export type Amounts = [[number, number], [number, number], [number, number], [number, number]]

/** The same number of pixels on every side. */
export function around(pixels: number): Amounts {
  return [0, pixels, pixels, 0].map(amount => [amount, amount]) as Amounts
}

function amountsOf(info: ConvolutionInfo): Amounts {
  const { padInfo, inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth } = info
  const reachDown = (outHeight - 1) * info.strideHeight + filterHeight
  const reachRight = (outWidth - 1) * info.strideWidth + filterWidth
  // Where the output's size is rounded up, the last window reaches farther than the padding.
  const bottom = Math.max(padInfo.bottom, reachDown - padInfo.top - inHeight)
  const right = Math.max(padInfo.right, reachRight - padInfo.left - inWidth)
  return [
    [0, 0],
    [padInfo.top, bottom],
    [padInfo.left, right],
    [0, 0],
  ]
}

/** Shape of the padded input. @returns [N,H+,W+,C] */
export function paddedShape(info: ConvolutionInfo): [number, number, number, number] {
  const amounts = amountsOf(info)
  const sizes = [info.batchSize, info.inHeight, info.inWidth, info.inChannels]
  return sizes.map((size, axis) => size + amounts[axis]![0] + amounts[axis]![1]) as ReturnType<
    typeof paddedShape
  >
}

/**
 * @param x [N,H,W,C]
 * @param value what lies around it: 0, or −∞ where only a maximum is taken.
 * @returns [N,H+,W+,C]
 */
export function padImages(x: Tensor, info: ConvolutionInfo, value = 0): Tensor4D {
  return pad(x as Tensor4D, amountsOf(info), value)
}

/** The adjoint of padding. @param dx [N,H+,W+,C] @returns [N,H,W,C] */
export function cropImages(dx: Tensor, info: ConvolutionInfo): Tensor4D {
  const { batchSize, inHeight, inWidth, inChannels, padInfo } = info
  return slice(dx as Tensor4D, [0, padInfo.top, padInfo.left, 0], [batchSize, inHeight, inWidth, inChannels])
}

/** Both gradients of a convolution as convolutions: correct on every backend, and the yardstick for faster kernels. */
import { backend_util, conv2d, pad, reshape, reverse, slice, tidy, transpose } from '@tensorflow/tfjs-core'
import type { Tensor4D } from '@tensorflow/tfjs-core'
import { AppError } from '../../../errors/index.ts'

export type ConvolutionInfo = backend_util.Conv2DInfo
export type Pad = 'valid' | 'same' | number | backend_util.ExplicitPadding

/** What tfjs hands to `Conv2DBackpropFilter` and `Conv2DBackpropInput` beside the shape of what is asked for. */
export interface ConvolutionAttributes {
  readonly strides: [number, number] | number
  readonly pad: Pad
  readonly dataFormat?: 'NHWC' | 'NCHW'
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil'
}

type Shape4D = [number, number, number, number]

/**
 * The geometry of the forward convolution that a gradient belongs to; dilation is always 1, as in tfjs's gradients.
 *
 * @param inputShape [N,H,W,Cin]
 * @param filterShape [kh,kw,Cin,Cout]
 * @throws AppError invalid-config for a layout other than NHWC.
 */
export function convolutionInfo(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attributes: ConvolutionAttributes,
): ConvolutionInfo {
  const { strides, pad: padding, dataFormat = 'NHWC', dimRoundingMode } = attributes
  if (dataFormat !== 'NHWC') {
    const message = `Convolution gradient: expected dataFormat NHWC, got ${dataFormat}. Transpose the tensor first`
    throw new AppError('invalid-config', message, { field: 'dataFormat', value: dataFormat })
  }
  const [input, filter] = [[...inputShape] as Shape4D, [...filterShape] as Shape4D]
  return backend_util.computeConv2DInfo(
    input,
    filter,
    strides,
    1,
    padding,
    dimRoundingMode,
    false,
    'channelsLast',
  )
}

/**
 * Gradient with respect to the filter: the input, with batch and channels exchanged, convolved with dy as the filter.
 *
 * @param x [N,H,W,Cin]
 * @param dy [N,oh,ow,Cout]
 * @returns [kh,kw,Cin,Cout]
 */
export function filterGradientByConvolution(x: Tensor4D, dy: Tensor4D, info: ConvolutionInfo): Tensor4D {
  const { top, bottom, left, right } = info.padInfo
  return tidy(() => {
    const images = transpose(x, [3, 1, 2, 0]) // [Cin,H,W,N]
    const filter = transpose(dy, [1, 2, 0, 3]) // [oh,ow,N,Cout]
    const strides: [number, number] = [info.strideHeight, info.strideWidth]
    const padding: Pad = [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ]
    const taps = conv2d(images, filter, 1, padding, 'NHWC', strides) // [Cin,≥kh,≥kw,Cout]
    const { filterHeight, filterWidth, inChannels, outChannels } = info
    const wanted = slice(taps, [0, 0, 0, 0], [inChannels, filterHeight, filterWidth, outChannels])
    return transpose(wanted, [1, 2, 0, 3]) // [kh,kw,Cin,Cout]
  })
}

/**
 * Gradient with respect to the input: dy, spread out by the stride, convolved with the flipped filter.
 *
 * @param dy [N,oh,ow,Cout]
 * @param filter [kh,kw,Cin,Cout]
 * @returns [N,H,W,Cin]
 */
export function inputGradientByConvolution(dy: Tensor4D, filter: Tensor4D, info: ConvolutionInfo): Tensor4D {
  const { filterHeight, filterWidth, strideHeight, strideWidth, inHeight, inWidth, padInfo } = info
  const [top, left] = [filterHeight - 1 - padInfo.top, filterWidth - 1 - padInfo.left]
  return tidy(() => {
    const flipped = transpose(reverse(filter, [0, 1]), [0, 1, 3, 2]) // [kh,kw,Cout,Cin]
    const spreadOut = spread(dy, strideHeight, strideWidth) // [N,oh·s,ow·s,Cout]
    const bottom = inHeight + filterHeight - 1 - top - (spreadOut.shape[1] ?? 0)
    const right = inWidth + filterWidth - 1 - left - (spreadOut.shape[2] ?? 0)
    return conv2d(padOrCrop(spreadOut, top, bottom, left, right), flipped, 1, 'valid') // [N,H,W,Cin]
  })
}

/** Writes each value into the first cell of a block of strideHeight × strideWidth zeros. */
function spread(dy: Tensor4D, strideHeight: number, strideWidth: number): Tensor4D {
  const [batch, height, width, channels] = dy.shape
  if (strideHeight === 1 && strideWidth === 1) return dy
  const rows = reshape(dy, [batch * height, 1, width * channels])
  const spreadRows = pad(rows, [
    [0, 0],
    [0, strideHeight - 1],
    [0, 0],
  ])
  const cells = reshape(spreadRows, [-1, 1, channels])
  const spreadCells = pad(cells, [
    [0, 0],
    [0, strideWidth - 1],
    [0, 0],
  ])
  return reshape(spreadCells, [batch, height * strideHeight, width * strideWidth, channels])
}

/** Pads by positive amounts and crops by negative ones. */
function padOrCrop(x: Tensor4D, top: number, bottom: number, left: number, right: number): Tensor4D {
  const [batch, height, width, channels] = x.shape
  const begin: Shape4D = [0, Math.max(0, -top), Math.max(0, -left), 0]
  const size: Shape4D = [
    batch,
    height - begin[1] - Math.max(0, -bottom),
    width - begin[2] - Math.max(0, -right),
    channels,
  ]
  const cropped = slice(x, begin, size)
  const amounts: [number, number][] = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]
  return pad(
    cropped,
    amounts.map(([before, after]) => [Math.max(0, before), Math.max(0, after)]) as [
      [number, number],
      [number, number],
      [number, number],
      [number, number],
    ],
  )
}

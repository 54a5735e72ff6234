/** Convolutions of images: the native one where it covers the case, libtorch's operators for dilation and channels first. */
import { backend_util } from '@tensorflow/tfjs-core'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { ConvolutionGeometry, Handle } from '../../binding.ts'
import { convolve } from './convolution.ts'
import { channelsFirst, channelsLast, window2D } from './window.ts'
import type { Window } from './window.ts'
import type { Work } from './work.ts'

export interface ConvolutionAttributes {
  readonly strides: number | [number, number]
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding
  readonly dataFormat?: 'NHWC' | 'NCHW'
  readonly dilations?: number | [number, number]
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil'
}

export interface ImageConvolution {
  readonly window: Window
  /** [N,oh,ow,Cout], or [N,Cout,oh,ow] when channels are first. */
  readonly outShape: number[]
  readonly isChannelsFirst: boolean
  /** For the native convolution; null where it does not cover the case. */
  readonly geometry: ConvolutionGeometry | null
}

/** @param xShape [N,H,W,C], or [N,C,H,W] as `dataFormat` says @param filterShape [kh,kw,Cin,Cout] */
export function imageConvolution(
  xShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dataFormat, dilations = 1, dimRoundingMode }: ConvolutionAttributes,
): ImageConvolution {
  type Shape = [number, number, number, number]
  const info = backend_util.computeConv2DInfo(
    xShape as unknown as Shape,
    filterShape as unknown as Shape,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    false,
    backend_util.convertConv2DDataFormat(dataFormat ?? 'NHWC'),
  )
  const window = window2D(info)
  const isChannelsFirst = info.dataFormat === 'channelsFirst'
  const isCovered = !isChannelsFirst && info.dilationHeight === 1 && info.dilationWidth === 1
  const { strideHeight, strideWidth, padInfo, outHeight, outWidth } = info
  const geometry = [strideHeight, strideWidth, padInfo.top, padInfo.left, outHeight, outWidth] as const
  return { window, outShape: info.outShape, isChannelsFirst, geometry: isCovered ? geometry : null }
}

/** A filter [kh,kw,Cin,Cout] as libtorch's [Cout,Cin,kh,kw], and back. */
export const filterToTorch = [3, 2, 0, 1] as const
export const filterFromTorch = [2, 3, 1, 0] as const

/** @returns a handle that `work` frees, and its shape: dense in the layout of `x` where the native convolution covers the case */
export function convolveImages(
  work: Work,
  x: TensorInfo,
  filter: TensorInfo,
  attrs: ConvolutionAttributes,
): { handle: Handle; shape: number[] } {
  const {
    window,
    outShape: shape,
    isChannelsFirst,
    geometry,
  } = imageConvolution(x.shape, filter.shape, attrs)
  if (geometry)
    return { handle: work.own(work.backend.addon.convolve(work.of(x), work.of(filter), geometry)), shape }
  const images = isChannelsFirst ? work.of(x) : channelsFirst(work, work.of(x), 2)
  const y = convolve(work, images, work.permute(work.of(filter), filterToTorch), window)
  return { handle: isChannelsFirst ? y : channelsLast(work, y, 2), shape }
}

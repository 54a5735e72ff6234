/** Geometry of convolutions that keep channels apart: `multiplier` filters for each channel. */
import { backend_util } from '@tensorflow/tfjs-core'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { Handle } from '../../binding.ts'
import { window2D } from './window.ts'
import type { Window } from './window.ts'
import type { Work } from './work.ts'

export interface DepthwiseAttributes {
  readonly strides: number | [number, number]
  readonly dilations?: number | [number, number]
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding
  readonly dataFormat?: 'NHWC' | 'NCHW'
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil'
}

/** @param xShape [N,H,W,C] @param filterShape [kh,kw,C,multiplier] */
export function depthwiseWindow(
  xShape: readonly number[],
  filterShape: readonly number[],
  { strides, dilations, pad, dimRoundingMode }: DepthwiseAttributes,
): Window {
  const shapes = [xShape, filterShape] as unknown as [
    [number, number, number, number],
    [number, number, number, number],
  ]
  return window2D(
    backend_util.computeConv2DInfo(...shapes, strides, dilations ?? 1, pad, dimRoundingMode, true),
  )
}

/** @param filter [kh,kw,C,multiplier] @returns [C·multiplier,1,kh,kw] */
export function depthwiseFilter(work: Work, filter: TensorInfo): Handle {
  const [height = 1, width = 1, channels = 1, multiplier = 1] = filter.shape
  const ordered = work.permute(work.of(filter), [2, 3, 0, 1])
  return work.reshape(ordered, [channels * multiplier, 1, height, width])
}

/** Geometry of convolutions over volumes. */
import { backend_util } from '@tensorflow/tfjs-core'
import { window3D } from './window.ts'
import type { Window } from './window.ts'

export interface VolumeAttributes {
  readonly strides: number | [number, number, number]
  readonly dilations?: number | [number, number, number]
  readonly pad: 'valid' | 'same'
}

/** @param xShape [N,D,H,W,C] @param filterShape [kd,kh,kw,Cin,Cout] */
export function volumeWindow(
  xShape: readonly number[],
  filterShape: readonly number[],
  { strides, dilations, pad }: VolumeAttributes,
): Window {
  return window3D(
    backend_util.computeConv3DInfo(xShape as never, filterShape as never, strides, dilations ?? 1, pad),
  )
}

/** [kd,kh,kw,Cin,Cout] to [Cout,Cin,kd,kh,kw]. */
export const outputsFirst = [4, 3, 0, 1, 2] as const
/** The other way round. */
export const outputsLast = [2, 3, 4, 1, 0] as const

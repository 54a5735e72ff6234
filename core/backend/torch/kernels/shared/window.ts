/**
 * Windows that slide over images or volumes: those of pooling layers and of convolutions. tfjs pads each side as it likes;
 * libtorch pads both sides of an axis alike, so other amounts are added as a margin beforehand and cropped from gradients.
 */
import type { backend_util } from '@tensorflow/tfjs-core'
import type { Handle } from '../../binding.ts'
import type { Work } from './work.ts'

/** One number per spatial axis in every list. */
export interface Window {
  readonly inSizes: readonly number[]
  readonly outSizes: readonly number[]
  readonly kernel: readonly number[]
  readonly stride: readonly number[]
  readonly dilation: readonly number[]
  readonly before: readonly number[]
  readonly after: readonly number[]
}

export function window2D(info: backend_util.Conv2DInfo): Window {
  const { padInfo } = info
  return {
    inSizes: [info.inHeight, info.inWidth],
    outSizes: [info.outHeight, info.outWidth],
    kernel: [info.filterHeight, info.filterWidth],
    stride: [info.strideHeight, info.strideWidth],
    dilation: [info.dilationHeight, info.dilationWidth],
    before: [padInfo.top, padInfo.left],
    after: [padInfo.bottom, padInfo.right],
  }
}

export function window3D(info: backend_util.Conv3DInfo): Window {
  const { padInfo } = info
  return {
    inSizes: [info.inDepth, info.inHeight, info.inWidth],
    outSizes: [info.outDepth, info.outHeight, info.outWidth],
    kernel: [info.filterDepth, info.filterHeight, info.filterWidth],
    stride: [info.strideDepth, info.strideHeight, info.strideWidth],
    dilation: [info.dilationDepth, info.dilationHeight, info.dilationWidth],
    before: [padInfo.front, padInfo.top, padInfo.left],
    after: [padInfo.back, padInfo.bottom, padInfo.right],
  }
}

/** A window as libtorch takes it: with a padding of its own, or a margin to add first. */
export interface Padded {
  readonly padding: readonly number[]
  /** Per axis [before, after]; null where libtorch's own padding does. */
  readonly margin: readonly (readonly [number, number])[] | null
}

/** @param mostPadding the largest padding that the operator takes, by kernel size */
export function paddingOf(window: Window, mostPadding: (kernel: number) => number): Padded {
  const { kernel, stride, dilation, inSizes, outSizes, before } = window
  const reach = kernel.map((size, axis) => (size - 1) * dilation[axis]! + 1)
  const isOwn = before.every((amount, axis) => {
    const out = Math.floor((inSizes[axis]! + 2 * amount - reach[axis]!) / stride[axis]!) + 1
    return out === outSizes[axis] && amount <= mostPadding(kernel[axis]!)
  })
  if (isOwn) return { padding: before, margin: null }
  const margin = before.map((amount, axis) => {
    const needed = (outSizes[axis]! - 1) * stride[axis]! + reach[axis]! - amount - inSizes[axis]!
    return [amount, Math.max(0, needed)] as const
  })
  return { padding: before.map(() => 0), margin }
}

/** @param x [N,C,…] @param value what the margin holds */
export function addMargin(work: Work, x: Handle, { margin }: Padded, value: number): Handle {
  if (margin === null) return x
  return work.run('aten::constant_pad_nd', x, [...margin].reverse().flat(), value)
}

/** The adjoint of `addMargin`. @param x [N,C,…] @param sizes without the margin */
export function cropMargin(work: Work, x: Handle, { margin }: Padded, sizes: readonly number[]): Handle {
  if (margin === null) return x
  let cropped = x
  for (const [axis, [before]] of margin.entries())
    cropped = work.run('aten::narrow', cropped, axis + 2, before, sizes[axis]!)
  return cropped
}

/** [N,…,C] to [N,C,…], which changes no memory. */
export function channelsFirst(work: Work, x: Handle, spatialRank: number): Handle {
  return work.permute(x, spatialRank === 2 ? [0, 3, 1, 2] : [0, 4, 1, 2, 3])
}

/** [N,C,…] to [N,…,C]. */
export function channelsLast(work: Work, x: Handle, spatialRank: number): Handle {
  return work.permute(x, spatialRank === 2 ? [0, 2, 3, 1] : [0, 2, 3, 4, 1])
}

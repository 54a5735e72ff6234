/** Pooling over images and volumes, forward and backward, by libtorch's operators. Tensors are [N,…,C]. */
import { backend_util } from '@tensorflow/tfjs-core'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { Handle } from '../../binding.ts'
import {
  addMargin,
  channelsFirst,
  channelsLast,
  cropMargin,
  paddingOf,
  window2D,
  window3D,
} from './window.ts'
import type { Padded, Window } from './window.ts'
import type { Work } from './work.ts'

/** What tfjs hands to the kernels of pooling layers. */
export interface PoolAttributes {
  readonly filterSize: number | number[]
  readonly strides: number | number[]
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil'
}

/** The window of a pooling layer. @param shape of its input, [N,H,W,C] or [N,D,H,W,C] */
export function poolWindow(shape: readonly number[], attrs: PoolAttributes): Window {
  const { filterSize, strides, pad, dimRoundingMode } = attrs
  const sizes = [shape, filterSize, strides] as unknown as [never, never, never]
  return shape.length === 4
    ? window2D(backend_util.computePool2DInfo(...sizes, 1, pad, dimRoundingMode))
    : window3D(backend_util.computePool3DInfo(...sizes, 1, pad as 'valid', dimRoundingMode))
}

/** libtorch takes half a window of padding at most. */
const padded = (window: Window): Padded => paddingOf(window, size => Math.floor(size / 2))

export function maxPool(work: Work, x: TensorInfo, window: Window): TensorInfo {
  const rank = window.kernel.length
  const { images, padding } = maxInput(work, x, window)
  const pooled = work.run(`aten::max_pool${rank}d`, images, window.kernel, window.stride, padding)
  return work.give(channelsLast(work, pooled, rank), x.dtype)
}

export function maxPoolGrad(work: Work, dy: TensorInfo, x: TensorInfo, window: Window): TensorInfo {
  const rank = window.kernel.length
  const { kernel, stride, dilation } = window
  const { images, padding, ...plan } = maxInput(work, x, window)
  const name = `aten::max_pool${rank}d_with_indices`
  const [, indices] = work.many(name, images, kernel, stride, padding, dilation)
  const grad = work.as(channelsFirst(work, work.of(dy), rank), work.backend.addon.dtype(images))
  const full = work.run(`${name}_backward`, grad, images, kernel, stride, padding, dilation, false, indices)
  const dx = cropMargin(work, full, { padding, ...plan }, window.inSizes)
  return work.give(channelsLast(work, dx, rank), 'float32', x.shape)
}

function maxInput(work: Work, x: TensorInfo, window: Window): Padded & { readonly images: Handle } {
  const plan = padded(window)
  const images = channelsFirst(work, work.of(x), window.kernel.length)
  return { ...plan, images: addMargin(work, images, plan, x.dtype === 'float32' ? -Infinity : -(2 ** 31)) }
}

export function avgPool(work: Work, x: TensorInfo, window: Window): TensorInfo {
  const rank = window.kernel.length
  const plan = padded(window)
  const images = addMargin(work, channelsFirst(work, work.float(work.of(x)), rank), plan, 0)
  const pooled = work.run(`aten::avg_pool${rank}d`, images, ...meanArguments(window, plan))
  return work.give(channelsLast(work, byCount(work, pooled, window, plan), rank), 'float32')
}

/** @param xShape [N,…,C] */
export function avgPoolGrad(
  work: Work,
  dy: TensorInfo,
  xShape: readonly number[],
  window: Window,
): TensorInfo {
  const rank = window.kernel.length
  const plan = padded(window)
  const grad = byCount(work, channelsFirst(work, work.float(work.of(dy)), rank), window, plan)
  const sizes = window.inSizes.map((size, axis) => size + sum(plan.margin?.[axis] ?? []))
  const { addon, device } = work.backend
  const shape = [xShape[0]!, ...sizes, xShape.at(-1)!]
  const empty = work.run('aten::empty.memory_format', shape, addon.dtype(grad), null, device)
  const like = channelsFirst(work, empty, rank)
  const full = work.run(`aten::avg_pool${rank}d_backward`, grad, like, ...meanArguments(window, plan))
  const dx = cropMargin(work, full, plan, window.inSizes)
  return work.give(channelsLast(work, dx, rank), 'float32', xShape)
}

/** Kernel, stride, padding, whether sizes are rounded up, whether the padding counts, and a divisor of its own. */
function meanArguments({ kernel, stride }: Window, { padding, margin }: Padded) {
  return [kernel, stride, padding, false, false, margin === null ? null : 1] as const
}

/** With a margin, which libtorch takes for pixels, sums are divided by the pixels inside the image. */
function byCount(work: Work, sums: Handle, window: Window, { margin }: Padded): Handle {
  if (margin === null) return sums
  let divided = sums
  for (const [axis, counts] of insideCounts(window).entries()) {
    const shape = [1, 1, ...window.outSizes.map((size, each) => (each === axis ? size : 1))]
    const divisor = work.tensor(counts, shape, work.backend.addon.dtype(sums))
    divided = work.run('aten::div.Tensor', divided, divisor)
  }
  return divided
}

/** Per axis, how many places of each window lie inside the image. */
function insideCounts({ outSizes, inSizes, stride, kernel, before }: Window): Float32Array[] {
  return outSizes.map((count, axis) =>
    Float32Array.from({ length: count }, (_, index) => {
      const start = index * stride[axis]! - before[axis]!
      const inside = Math.min(inSizes[axis]!, start + kernel[axis]!) - Math.max(0, start)
      return Math.max(1, inside)
    }),
  )
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

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
export const poolPadding = (window: Window): Padded => paddingOf(window, size => Math.floor(size / 2))

export function maxPool(work: Work, x: TensorInfo, window: Window): TensorInfo {
  const simple = withoutWindows(work, x, window)
  if (simple !== null) return simple
  const rank = window.kernel.length
  const { padding } = poolPadding(window)
  const pool = (images: Handle): Handle =>
    work.run(`aten::max_pool${rank}d`, images, window.kernel, window.stride, padding)
  const images = imagesForMax(work, x, window, pool)
  return work.give(channelsLast(work, pool(images), rank), x.dtype)
}

export function maxPoolGrad(work: Work, dy: TensorInfo, x: TensorInfo, window: Window): TensorInfo {
  const rank = window.kernel.length
  const { kernel, stride, dilation } = window
  const plan = poolPadding(window)
  const name = `aten::max_pool${rank}d_with_indices`
  const pool = (images: Handle): Handle[] => work.many(name, images, kernel, stride, plan.padding, dilation)
  const images = imagesForMax(work, x, window, each => pool(each)[0]!)
  const indices = pool(images)[1]!
  const grad = work.as(channelsFirst(work, work.of(dy), rank), work.backend.addon.dtype(images))
  const arrangement = [kernel, stride, plan.padding, dilation, false] as const
  const full = work.run(`${name}_backward`, grad, images, ...arrangement, indices)
  return work.give(channelsLast(work, cropMargin(work, full, plan, window.inSizes), rank), 'float32', x.shape)
}

/**
 * Images with their margin. tfjs passes over NaN, which libtorch's maximum returns: where one comes out, the pass is repeated
 * without them. A GPU would have to be waited for to know, so there they are always taken out.
 */
export function imagesForMax(
  work: Work,
  x: TensorInfo,
  window: Window,
  pool: (images: Handle) => Handle,
): Handle {
  const lowest = x.dtype === 'float32' ? -Infinity : -(2 ** 31)
  const images = channelsFirst(work, work.of(x), window.kernel.length)
  const padded = addMargin(work, images, poolPadding(window), lowest)
  if (x.dtype !== 'float32') return padded
  const { addon, device } = work.backend
  const isClean = device === 'cpu' && !Number.isNaN(addon.read(work.run('aten::max', pool(padded)))[0])
  return isClean ? padded : work.run('aten::nan_to_num', padded, lowest, Infinity, -Infinity)
}

export function avgPool(work: Work, x: TensorInfo, window: Window): TensorInfo {
  const simple = withoutWindows(work, x, window)
  if (simple !== null) return simple
  const rank = window.kernel.length
  const plan = poolPadding(window)
  const images = addMargin(work, channelsFirst(work, work.float(work.of(x)), rank), plan, 0)
  // Pixels outside do not count; with a margin, which libtorch takes for pixels, sums are divided afterwards.
  const divisor = plan.margin === null ? null : 1
  const arrangement = [window.kernel, window.stride, plan.padding, false, false, divisor] as const
  const pooled = work.run(`aten::avg_pool${rank}d`, images, ...arrangement)
  const mean = plan.margin === null ? pooled : divideByCount(work, pooled, window)
  return work.give(channelsLast(work, mean, rank), 'float32')
}

/** tfjs's gradient divides by the window's size, also where windows reach beyond the image. @param xShape [N,…,C] */
export function avgPoolGrad(
  work: Work,
  dy: TensorInfo,
  xShape: readonly number[],
  window: Window,
): TensorInfo {
  const rank = window.kernel.length
  const plan = poolPadding(window)
  const grad = channelsFirst(work, work.float(work.of(dy)), rank)
  const sizes = window.inSizes.map((size, axis) => size + sum(plan.margin?.[axis] ?? []))
  const { addon, device } = work.backend
  const shape = [xShape[0]!, ...sizes, xShape.at(-1)!]
  const empty = work.run('aten::empty.memory_format', shape, addon.dtype(grad), null, device)
  const like = channelsFirst(work, empty, rank)
  const divisor = window.kernel.reduce((product, size) => product * size, 1)
  const arrangement = [window.kernel, window.stride, plan.padding, false, false, divisor] as const
  const full = work.run(`aten::avg_pool${rank}d_backward`, grad, like, ...arrangement)
  const dx = cropMargin(work, full, plan, window.inSizes)
  return work.give(channelsLast(work, dx, rank), 'float32', xShape)
}

/** What needs no pooling: no window fits; or windows of one pixel, which tfjs gives back whatever the stride and padding. */
function withoutWindows(work: Work, x: TensorInfo, window: Window): TensorInfo | null {
  const { kernel, inSizes, outSizes } = window
  if (outSizes.some(size => size <= 0)) {
    const shape = [x.shape[0]!, ...outSizes.map(size => Math.max(0, size)), x.shape.at(-1)!]
    return work.give(work.full(shape, 0, work.backend.addon.dtype(work.of(x))), x.dtype, shape)
  }
  const isSame = kernel.every(size => size === 1) && inSizes.every((size, axis) => size === outSizes[axis])
  return isSame ? work.give(work.of(x), x.dtype, x.shape) : null
}

function divideByCount(work: Work, sums: Handle, window: Window): Handle {
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

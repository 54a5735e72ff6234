/** Resizing of images [N,H,W,C], one axis after the other, and its adjoint. */
import type { Handle } from '../../binding.ts'
import { range } from './shapes.ts'
import type { Work } from './work.ts'

export interface ResizeAttributes {
  /** Height and width. */
  readonly size: readonly [number, number]
  /** The outermost pixels' centres stay where they are. */
  readonly alignCorners: boolean
  /** Pixels are squares around their centres, not points on a grid. */
  readonly halfPixelCenters: boolean
}

/** For each pixel of the result along an axis: between which pixels it lies, and how near to the second. */
interface Lines {
  readonly first: readonly number[]
  readonly second: readonly number[]
  readonly share: Float32Array
}

function scaleOf(inSize: number, outSize: number, alignCorners: boolean): number {
  return alignCorners && outSize > 1 ? (inSize - 1) / (outSize - 1) : inSize / outSize
}

/** The two pixels that each result lies between. */
export function betweenPixels(inSize: number, outSize: number, attrs: Omit<ResizeAttributes, 'size'>): Lines {
  const scale = scaleOf(inSize, outSize, attrs.alignCorners)
  const at = range(outSize).map(index =>
    attrs.halfPixelCenters ? scale * (index + 0.5) - 0.5 : scale * index,
  )
  const first = at.map(place => Math.max(0, Math.floor(place)))
  const second = at.map(place => Math.max(0, Math.min(inSize - 1, Math.ceil(place))))
  return { first, second, share: Float32Array.from(at, (place, index) => place - first[index]!) }
}

/** The pixel that each result takes. */
export function nearestPixels(
  inSize: number,
  outSize: number,
  attrs: Omit<ResizeAttributes, 'size'>,
): number[] {
  const scale = scaleOf(inSize, outSize, attrs.alignCorners)
  const round = attrs.alignCorners ? Math.round : Math.floor
  const shift = attrs.halfPixelCenters ? 0.5 : 0
  return range(outSize).map(index => Math.max(0, Math.min(inSize - 1, round(scale * (index + shift)))))
}

/** @param images of a floating type */
export function blend(work: Work, images: Handle, axis: number, { first, second, share }: Lines): Handle {
  const [from, to] = [first, second].map(lines =>
    work.run('aten::index_select', images, axis, work.indices(lines)),
  )
  return work.run('aten::lerp.Tensor', from, to, weightsOf(work, share, axis, images))
}

/** The adjoint of `blend`. @param inSize of the axis before */
export function spread(
  work: Work,
  dy: Handle,
  axis: number,
  inSize: number,
  { first, second, share }: Lines,
): Handle {
  const weights = weightsOf(work, share, axis, dy)
  const toSecond = work.run('aten::mul.Tensor', dy, weights)
  const toFirst = work.run('aten::sub.Tensor', dy, toSecond)
  return gatherBack(
    work,
    gatherBack(work, null, toFirst, axis, inSize, first),
    toSecond,
    axis,
    inSize,
    second,
  )
}

/** The adjoint of taking lines: each is added where it was taken. @param sum what to add to; zeros for null */
export function gatherBack(
  work: Work,
  sum: Handle | null,
  dy: Handle,
  axis: number,
  inSize: number,
  taken: readonly number[],
): Handle {
  const shape = work.shape(dy).map((length, each) => (each === axis ? inSize : length))
  const before = sum ?? work.full(shape, 0, work.backend.addon.dtype(dy))
  return work.run('aten::index_add', before, axis, work.indices(taken), dy)
}

function weightsOf(work: Work, share: Float32Array, axis: number, like: Handle): Handle {
  const shape = [1, 1, 1, 1].map((_, each) => (each === axis ? share.length : 1))
  return work.tensor(share, shape, work.backend.addon.dtype(like))
}

/** Shapes and axes as tfjs means them. */
import { backend_util, util } from '@tensorflow/tfjs-core'

export function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false
  return true
}

/** @throws Error of tfjs when the shapes do not fit each other. */
export function broadcastShape(a: readonly number[], b: readonly number[]): readonly number[] {
  if (isSameShape(a, b)) return a
  return backend_util.assertAndGetBroadcastShape(a as number[], b as number[])
}

/** Axes from 0 on, in ascending order; all for null. @throws Error of tfjs for an axis that is not there. */
export function axesOf(axis: number | readonly number[] | null | undefined, rank: number): number[] {
  if (axis == null) return range(rank)
  // tfjs wants the shape for its rank alone.
  return util.parseAxisParam(axis as number[], new Array<number>(rank)).sort((a, b) => a - b)
}

/** What is left of a shape when axes are reduced. */
export function reducedShape(shape: readonly number[], axes: readonly number[], keepDims: boolean): number[] {
  if (keepDims) return shape.map((length, axis) => (axes.includes(axis) ? 1 : length))
  return shape.filter((_, axis) => !axes.includes(axis))
}

export function sizeOf(shape: readonly number[]): number {
  return util.sizeFromShape(shape as number[])
}

/** 0, 1, … count − 1 */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}

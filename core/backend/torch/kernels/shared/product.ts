/** Products of matrices. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { AppError } from '../../../../errors/index.ts'
import { scalarTypes } from '../../binding.ts'
import type { Handle } from '../../binding.ts'
import type { Work } from './work.ts'

export interface Products {
  /** [...,M,K], or [...,K,M] when transposed. */
  readonly a: TensorInfo
  /** [...,K,N], or [...,N,K] when transposed. */
  readonly b: TensorInfo
}
export interface Transposes {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
}

/** In the narrower of the two types, as convolutions. @returns [...,M,N] */
export function multiply(
  work: Work,
  { a, b }: Products,
  { transposeA = false, transposeB = false }: Transposes,
): Handle {
  if (a.shape.length < 2 || b.shape.length < 2) {
    const message = `BatchMatMul: expected matrices, got shapes [${a.shape}] and [${b.shape}]`
    throw new AppError('internal', message)
  }
  const { addon } = work.backend
  const [left, right] = [work.of(a), work.of(b)]
  const types = [addon.dtype(left), addon.dtype(right)] as const
  const type = types[0] === types[1] ? types[0] : narrower(types)
  const turned = (handle: Handle, isTransposed: boolean): Handle => {
    const stored = work.as(handle, type)
    return isTransposed ? work.run('aten::transpose.int', stored, -2, -1) : stored
  }
  return work.run('aten::matmul', turned(left, transposeA), turned(right, transposeB))
}

/** Of two floating types of which one is float32, the other. */
function narrower([a, b]: readonly [number, number]): number {
  return a === scalarTypes.float32 ? b : a
}

/** Matrix products as convolutions: a·b and a·bᵀ are 1×1 convolutions, aᵀ·b is a 1×1 filter gradient. */
import { backend_util } from '@tensorflow/tfjs-core'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { filterGradient } from './filter-gradient.ts'
import { forwardConvolution } from './forward-convolution.ts'
import { inputGradient } from './input-gradient.ts'
import type { SimdModule } from './module.ts'

/**
 * @param a [...,M,K], or [...,K,M] with `transposeA`
 * @param b [...,K,N], or [...,N,K] with `transposeB`; at most one of the two is transposed
 * @returns [...,M,N]
 */
export function matrixProduct(
  simd: SimdModule,
  a: TensorInfo,
  b: TensorInfo,
  { transposeA, transposeB }: { readonly transposeA: boolean; readonly transposeB: boolean },
): TensorInfo {
  const [rowsOfA = 1, columnsOfA = 1] = a.shape.slice(-2)
  const [rowsOfB = 1, columnsOfB = 1] = b.shape.slice(-2)
  const leading = a.shape.length >= b.shape.length ? a.shape.slice(0, -2) : b.shape.slice(0, -2)
  const pointwise = (pixels: number, inChannels: number, outChannels: number): backend_util.Conv2DInfo =>
    backend_util.computeConv2DInfo([1, 1, pixels, inChannels], [1, 1, inChannels, outChannels], 1, 1, 'valid')
  if (transposeA) {
    const made = filterGradient(simd, a, b, pointwise(rowsOfA, columnsOfA, columnsOfB)) // aᵀ [M,K] · b [K,N]
    return { ...made, shape: [...leading, columnsOfA, columnsOfB] }
  }
  const made = transposeB
    ? inputGradient(simd, a, b, pointwise(rowsOfA, rowsOfB, columnsOfA)) // a [M,K] · bᵀ [K,N]
    : forwardConvolution(simd, a, b, pointwise(rowsOfA, columnsOfA, columnsOfB))
  return { ...made, shape: [...leading, rowsOfA, transposeB ? rowsOfB : columnsOfB] }
}

/** Matrix products for wasm, transposed ones too, which tfjs does some twenty times slower. */
import type { KernelFunc, Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { matrixProduct } from '../simd/matrix-product.ts'
import { simdModule } from '../simd/module.ts'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { originalKernel } from './shared/originals.ts'

interface Inputs {
  /** [...,M,K], or [...,K,M] when transposed. */
  readonly a: Tensor
  /** [...,K,N], or [...,N,K] when transposed. */
  readonly b: Tensor
}
interface Attributes {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
}

export const BatchMatMul: KernelEntry = {
  name: 'BatchMatMul',
  summary: 'Matrix product of each pair of matrices',
  on: { wasm: implement<Inputs, Attributes>(onWasm) },
}

function onWasm(call: KernelCall<Inputs, Attributes>): TensorInfo | TensorInfo[] {
  const { a, b } = call.inputs
  const { transposeA = false, transposeB = false } = call.attrs
  const innerOfA = a.shape.at(transposeA ? -2 : -1)
  const innerOfB = b.shape.at(transposeB ? -1 : -2)
  const isSimple =
    innerOfA === innerOfB && a.dtype === 'float32' && b.dtype === 'float32' && isSingle(a) && isSingle(b)
  if (!isSimple || (transposeA && transposeB) || a.size === 0 || b.size === 0) {
    return originalKernel('BatchMatMul', 'wasm')(call as unknown as Parameters<KernelFunc>[0])
  }
  return matrixProduct(simdModule(call.backend), a, b, { transposeA, transposeB })
}

/** Whether all but the last two dimensions are 1. */
function isSingle({ shape }: TensorInfo): boolean {
  return shape.slice(0, -2).every(length => length === 1)
}

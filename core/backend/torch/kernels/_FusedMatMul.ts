/** Matrix product, bias and activation in one call. */
import { addTail } from './shared/activation.ts'
import type { Activation, Tail } from './shared/activation.ts'
import { composed } from './shared/kernel.ts'
import { multiply } from './shared/product.ts'
import type { Products, Transposes } from './shared/product.ts'

export const _FusedMatMul = composed<Products & Tail, Transposes & Activation>(
  '_FusedMatMul',
  (work, inputs, attrs) =>
    work.give(addTail(work, multiply(work, inputs, attrs), inputs, attrs), inputs.a.dtype),
)

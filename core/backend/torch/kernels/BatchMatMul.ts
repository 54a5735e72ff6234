/** Matrix product of each pair of matrices; batches broadcast. */
import { multiply } from './shared/product.ts'
import type { Products, Transposes } from './shared/product.ts'
import { composed } from './shared/kernel.ts'

export const BatchMatMul = composed<Products, Transposes>('BatchMatMul', (work, inputs, attrs) =>
  work.give(multiply(work, inputs, attrs), inputs.a.dtype),
)

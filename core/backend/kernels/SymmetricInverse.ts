/**
 * Inverses of symmetric, positive definite matrices, [N,D,D] to [N,D,D]: by Cholesky on libtorch, elsewhere by Newton's iteration
 * X ← X·(2I − M·X), which needs nothing but products.
 *
 * @source Schulz 1933, Iterative Berechnung der reziproken Matrix; from X = I/‖M‖∞ every error I − M·X begins below 1 and is squared
 * by each step, so that ⌈log₂ of the condition number⌉ + 5 steps suffice.
 */
import { eye, matMul, max, mul, reshape, sub, sum, abs, tidy, div } from '@tensorflow/tfjs-core'
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { scalarTypes } from '../torch/binding.ts'
import { Work } from '../torch/kernels/shared/work.ts'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { torchOf } from './shared/torch.ts'

interface Inputs {
  /** [N,D,D] */
  readonly x: Tensor
}

/** Enough for a condition number of 2³⁰, more than float32 can hold. */
const steps = 36

export const SymmetricInverse: KernelEntry = {
  name: 'SymmetricInverse',
  summary: 'Inverses of symmetric, positive definite x [N,D,D]',
  on: { torch: implement<Inputs>(onTorch) },
  reference: implement<Inputs>(reference),
}

function reference({ inputs: { x } }: Pick<KernelCall<Inputs, object>, 'inputs'>): Tensor {
  const [count, size] = x.shape as [number, number, number]
  return tidy(() => {
    const identity = reshape(eye(size), [1, size, size])
    const norms = reshape(max(sum(abs(x), 2), 1), [count, 1, 1])
    let inverse: Tensor = div(identity, norms)
    for (let step = 0; step < steps; step++) {
      const next: Tensor = tidy(() => matMul(inverse, sub(mul(identity, 2), matMul(x, inverse))))
      inverse.dispose()
      inverse = next
    }
    return inverse
  })
}

function onTorch({ inputs: { x }, backend }: KernelCall<Inputs, object>): TensorInfo {
  const work = new Work(torchOf(backend))
  try {
    // In float64, as rounding to float32 may leave a matrix of a large condition number indefinite.
    const wide = work.as(work.of(x), scalarTypes.float64)
    const [factor] = work.many('aten::linalg_cholesky_ex', wide)
    return work.give(work.as(work.run('aten::cholesky_inverse', factor!), scalarTypes.float32), 'float32')
  } finally {
    work.free()
  }
}

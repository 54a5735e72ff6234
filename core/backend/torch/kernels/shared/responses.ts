/** What the two kernels of local response normalisation share: sums over neighbouring channels. */
import type { Handle } from '../../binding.ts'
import type { Work } from './work.ts'

export interface ResponseAttributes {
  /** Neighbours on either side. */
  readonly depthRadius: number
  readonly bias: number
  readonly alpha: number
  readonly beta: number
}

/** @param x [...,C] @returns [...,C] */
export function neighbourSum(work: Work, x: Handle, radius: number): Handle {
  const shape = work.shape(x)
  const rows = work.reshape(x, [-1, 1, shape.at(-1)!])
  const width = 2 * radius + 1
  const mean = work.run('aten::avg_pool1d', rows, [width], [1], [radius], false, true)
  return work.reshape(work.run('aten::mul.Scalar', mean, width), shape)
}

/** bias + alpha · Σ x² over the neighbours. @param x [...,C] */
export function responseNorm(
  work: Work,
  x: Handle,
  { depthRadius, bias, alpha }: ResponseAttributes,
): Handle {
  const sum = neighbourSum(work, work.run('aten::square', x), depthRadius)
  return work.run('aten::add.Scalar', work.run('aten::mul.Scalar', sum, alpha), bias)
}

/** The least image a network takes. */
import { AppError } from '../../errors/index.ts'
import type { ModelShape } from './model.ts'

/** @throws AppError invalid-config naming input.size, what was found and the least that works. */
export function requireSize(name: string, { height, width }: ModelShape, least: number): void {
  if (height >= least && width >= least) return
  const message = `input.size: ${name} halves its image until nothing is left of ${height} x ${width}; it needs at least ${least} x ${least}`
  throw new AppError('invalid-config', message, {
    field: 'input.size',
    value: Math.min(height, width),
    least,
  })
}

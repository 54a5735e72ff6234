import { AppError } from '../../errors/index.ts'

/**
 * Why images cannot be drawn as a sampler's options ask.
 * @param field option of the sampler
 */
export function refusal(field: string, value: unknown, message: string): AppError {
  const path = `sampler.options.${field}`
  return new AppError('invalid-config', `${path}: ${message}`, { field: path, value })
}

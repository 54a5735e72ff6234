import { AppError } from '../../errors/index.ts'

/**
 * The error for a file that breaks its format.
 * @param problem what was expected and what was found.
 * @param remedy what the user can do, as a sentence without its full stop.
 */
export function invalidFile(file: string, problem: string, remedy: string): AppError {
  return new AppError('data-invalid', `${file}: ${problem}. ${remedy}`, { file, problem, remedy })
}

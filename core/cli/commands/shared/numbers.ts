/** Options that are whole numbers, or names of splits. */
import type { SplitName } from '../../../contract/index.ts'
import { AppError } from '../../../errors/index.ts'
import type { Invocation } from './command.ts'

const splitNames: readonly SplitName[] = ['train', 'val', 'test', 'query', 'gallery']

/** @returns undefined where it is not given. @throws AppError invalid-request for anything but an integer within the bounds. */
export function integerOption(
  invocation: Invocation,
  option: string,
  least: number,
  most: number,
): number | undefined {
  const text = invocation.text(option)
  if (text === undefined) return undefined
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  const message = `--${option}: expected an integer from ${least} to ${most}, got '${text}'`
  throw new AppError('invalid-request', message, { field: option, value: text })
}

/** The splits that `--split` names, once or more often. @throws AppError invalid-request */
export function splitOptions(invocation: Invocation): { splits?: SplitName[] } {
  const names = invocation.texts('split')
  if (names.length === 0) return {}
  return {
    splits: names.map(name => {
      const known = splitNames.find(each => each === name)
      if (known) return known
      const message = `--split: expected one of ${splitNames.join(', ')}, got '${name}'`
      throw new AppError('invalid-request', message, { field: 'split', value: name })
    }),
  }
}

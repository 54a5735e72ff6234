/** Options of commands that show images to a checkpoint: at which size, and how. */
import { EvaluationSettings, type SplitName } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import type { Invocation, OptionInfo } from './commands/shared/command.ts'

export const viewOptions: Readonly<Record<string, OptionInfo>> = {
  size: {
    type: 'string',
    value: 'PIXELS',
    description: "side of the square, or the largest side; the run's input size by default",
  },
  resize: {
    type: 'string',
    value: 'MODE',
    description:
      "square: the run's own evaluation transforms, the default; rect: the whole image, nothing cut off",
  },
  weights: {
    type: 'string',
    value: 'KIND',
    description: 'raw: of the last step; ema: their moving average; by default those that the run validates',
  },
  p: {
    type: 'string',
    value: 'P',
    description: 'power of GeM pooling instead of the own: a number, or max',
  },
}

const splits: readonly SplitName[] = ['train', 'val', 'test', 'query', 'gallery']

/** @throws AppError invalid-request naming the option, what was expected and what was given. */
export function settingsOf(
  invocation: Invocation,
  more: Readonly<Record<string, unknown>> = {},
): EvaluationSettings {
  const number = (option: string): number | undefined => {
    const text = invocation.text(option)
    return text === undefined ? undefined : Number(text)
  }
  const power = invocation.text('p')
  const given = {
    ...{ size: number('size'), resize: invocation.text('resize'), weights: invocation.text('weights') },
    power: power === undefined || /^[a-z]/.test(power) ? power : Number(power),
    ...more,
  }
  const parsed = EvaluationSettings.safeParse(given)
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0]!
  const field = String(path[0])
  const option = field === 'power' ? 'p' : field
  const what = field === 'power' ? 'expected a number above 0, max, tune or grid' : message
  const got = invocation.text(option) ?? String(given[field as keyof typeof given])
  throw new AppError('invalid-request', `--${option}: ${what}, got '${got}'`, { field: option, value: got })
}

/** @returns null where it is not given. @throws AppError invalid-request */
export function splitOf(invocation: Invocation, option: string): SplitName | null {
  const name = invocation.text(option)
  if (name === undefined) return null
  const split = splits.find(each => each === name)
  if (split) return split
  const message = `--${option}: expected one of ${splits.join(', ')}, got '${name}'`
  throw new AppError('invalid-request', message, { field: option, value: name })
}

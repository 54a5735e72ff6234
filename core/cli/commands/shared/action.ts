/** Commands with actions: `datasets add DIR`. */
import { AppError } from '../../../errors/index.ts'
import { suggestion } from '../../../experiment/index.ts'
import { program } from '../../program.ts'
import type { Invocation } from './command.ts'

type Action = (invocation: Invocation, args: readonly string[]) => Promise<Readonly<Record<string, unknown>>>

/**
 * Runs the action that the first argument names.
 * @throws AppError invalid-request that lists the known actions.
 */
export function runAction(
  command: string,
  actions: Readonly<Record<string, Action>>,
  invocation: Invocation,
): Promise<Readonly<Record<string, unknown>>> {
  const [name = 'list', ...args] = invocation.positionals
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined
  if (action) return action(invocation, args)
  const known = Object.keys(actions)
  throw new AppError(
    'invalid-request',
    `${command}: there is no action '${name}'.${suggestion(name, known)}`,
    { known },
  )
}

/**
 * The one argument an action needs.
 * @throws AppError invalid-request when it is missing or there are more.
 */
export function onlyArgument(args: readonly string[], usage: string): string {
  const [first] = args
  if (first !== undefined && first !== '' && args.length === 1) return first
  const got = args.length === 0 ? 'none' : `${args.length}`
  throw new AppError('invalid-request', `expected one argument, got ${got}. Usage: ${program} ${usage}`)
}

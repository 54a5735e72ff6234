/** Turns a message into a reply. Never throws, and runs nothing that the contract does not name. */
import { z } from 'zod'
import { AppError } from '../errors/index.ts'
import type { Call, Contract, Emitter, Handlers, PushMessage, Reply } from './define.ts'

const Envelope = z.strictObject({ call: z.string().max(100), input: z.unknown() })

/**
 * @param report is told of every failure that is a defect (code `internal`), with its stack; the caller never sees one.
 * @returns a function from any message to a reply.
 */
export function serve<C extends Contract>(
  contract: C,
  handlers: Handlers<C>,
  report: (error: AppError) => void = () => {},
): (message: unknown) => Promise<Reply> {
  const table = new Map<string, { call: Call; handler: (input: unknown) => unknown }>()
  for (const [groupName, group] of Object.entries(contract)) {
    for (const [name, member] of Object.entries(group)) {
      if (member.kind !== 'call') continue
      const groupHandlers = handlers[groupName] as Record<string, (input: unknown) => unknown>
      const handler = groupHandlers[name]
      if (!handler) throw new Error(`No handler for ${groupName}.${name}`)
      table.set(`${groupName}.${name}`, { call: member, handler })
    }
  }
  return async message => {
    try {
      const envelope = check(Envelope, message, 'message')
      const found = table.get(envelope.call)
      if (!found) throw new AppError('invalid-request', `Unknown call '${envelope.call}'`)
      const input = check(found.call.input, envelope.input ?? {}, envelope.call)
      const output = await found.handler(input)
      const parsed = found.call.output.safeParse(output)
      if (!parsed.success) {
        throw new AppError(
          'internal',
          `${envelope.call}: its answer breaks the contract: ${describe(parsed.error)}`,
        )
      }
      return { ok: true, value: parsed.data }
    } catch (thrown) {
      const error = AppError.from(thrown)
      if (error.code === 'internal') report(error)
      return { ok: false, error: error.toReply() }
    }
  }
}

/** Makes `emit.group.onSomething(payload)` functions that check the payload and hand it to `send`. */
export function emitter<C extends Contract>(contract: C, send: (message: PushMessage) => void): Emitter<C> {
  const groups = Object.entries(contract).map(([groupName, group]) => {
    const pushes = Object.entries(group).flatMap(([name, member]) =>
      member.kind === 'push'
        ? [
            [
              name,
              (payload: unknown) =>
                send({ push: `${groupName}.${name}`, payload: member.payload.parse(payload) }),
            ],
          ]
        : [],
    )
    return [groupName, Object.fromEntries(pushes)]
  })
  return Object.fromEntries(groups) as Emitter<C>
}

function check<Schema extends z.ZodType>(schema: Schema, value: unknown, where: string): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(issue => ({
    path: issue.path.map(String).join('.'),
    message: issue.message,
  }))
  throw new AppError('invalid-request', `${where}: ${describe(parsed.error)}`, { issues })
}

function describe(error: z.ZodError): string {
  return error.issues
    .map(issue => (issue.path.length === 0 ? issue.message : `at ${issue.path.join('.')}: ${issue.message}`))
    .join('; ')
}

/** The caller's side of a contract over any link. Needs no schemas: names that begin with `on` are pushes. */
import { AppError } from '../errors/index.ts'
import type { Client, Contract, Link, PushMessage } from './define.ts'

/** Makes `client.group.call(input)`, which rejects with an AppError, and `client.group.onPush(listener)`. */
export function client<C extends Contract>(link: Link): Client<C> {
  const listeners = new Map<string, Set<(payload: unknown) => void>>()
  link.subscribe((message: PushMessage) => {
    for (const listener of listeners.get(message.push) ?? []) listener(message.payload)
  })
  const member = (address: string, name: string): unknown =>
    /^on[A-Z]/.test(name)
      ? (listener: (payload: unknown) => void) => {
          const set = listeners.get(address) ?? new Set()
          listeners.set(address, set.add(listener))
          return () => void set.delete(listener)
        }
      : async (input: unknown = {}) => {
          const reply = await link.send({ call: address, input })
          if (!reply.ok) throw AppError.fromReply(reply.error)
          return reply.value
        }
  const group = (groupName: string): unknown =>
    new Proxy(
      {},
      { get: (_, name) => (typeof name === 'string' ? member(`${groupName}.${name}`, name) : undefined) },
    )
  return new Proxy(
    {},
    { get: (_, name) => (typeof name === 'string' && name !== 'then' ? group(name) : undefined) },
  ) as Client<C>
}

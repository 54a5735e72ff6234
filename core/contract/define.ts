/** What a contract is made of: calls, which are asked and answered, and pushes, which only arrive. */
import type { z } from 'zod'

/** One request and its answer. */
export interface Call<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  readonly kind: 'call'
  readonly input: Input
  readonly output: Output
}

/** One kind of message from the host to every connected interface. */
export interface Push<Payload extends z.ZodType = z.ZodType> {
  readonly kind: 'push'
  readonly payload: Payload
}

export type Group = Readonly<Record<string, Call | Push>>
export type Contract = Readonly<Record<string, Group>>

export function call<Input extends z.ZodType, Output extends z.ZodType>(
  input: Input,
  output: Output,
): Call<Input, Output> {
  return { kind: 'call', input, output }
}

export function push<Payload extends z.ZodType>(payload: Payload): Push<Payload> {
  return { kind: 'push', payload }
}

type CallNames<G extends Group> = { [K in keyof G]: G[K] extends Call ? K : never }[keyof G]
type PushNames<G extends Group> = { [K in keyof G]: G[K] extends Push ? K : never }[keyof G]

/** Handlers of a contract: every call of every group, taking checked input. A missing one does not compile. */
export type Handlers<C extends Contract> = {
  readonly [G in keyof C]: {
    readonly [K in CallNames<C[G]>]: C[G][K] extends Call<infer Input, infer Output>
      ? (input: z.output<Input>) => z.input<Output> | Promise<z.input<Output>>
      : never
  }
}

/** What the interface sees: `client.runs.start(input)` and `client.runs.onChanged(listener)`, which returns its own end. */
export type Client<C extends Contract> = {
  readonly [G in keyof C]: {
    readonly [K in CallNames<C[G]>]: C[G][K] extends Call<infer Input, infer Output>
      ? (input: z.input<Input>) => Promise<z.output<Output>>
      : never
  } & {
    readonly [K in PushNames<C[G]>]: C[G][K] extends Push<infer Payload>
      ? (listener: (payload: z.output<Payload>) => void) => () => void
      : never
  }
}

/** Sends pushes: `emit.runs.onChanged(summary)`. */
export type Emitter<C extends Contract> = {
  readonly [G in keyof C]: {
    readonly [K in PushNames<C[G]>]: C[G][K] extends Push<infer Payload>
      ? (payload: z.input<Payload>) => void
      : never
  }
}

/** A transport between an interface and the host: Electron's IPC, or HTTP and a WebSocket. */
export interface Link {
  send(request: Request): Promise<Reply>
  /** Calls the listener for every push until the returned function is called. */
  subscribe(listener: (message: PushMessage) => void): () => void
}

export interface Request {
  readonly call: string
  readonly input: unknown
}

export type Reply =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: import('../errors/index.ts').ErrorReply }

export interface PushMessage {
  readonly push: string
  readonly payload: unknown
}

/**
 * The renderer's end of a Link: Electron's preload when it is there, else HTTP and a WebSocket to the host that served
 * the page. A web link reconnects by itself and says when it lost and found the host again.
 */
import type { Link, PushMessage, Reply, Request } from '../core/contract/define.ts'

/** `refused`: the host answers but does not know this page, as after it was started anew. */
export type LinkState = 'connecting' | 'open' | 'lost' | 'refused'

export interface WatchedLink extends Link {
  /** Calls the listener with the present state, and with every change, until the returned function is called. */
  watch(listener: (state: LinkState) => void): () => void
  /** Says how often the page wants to hear, as milliseconds between pushes; null while nobody sees it. */
  attend(paceMs: number | null): void
  close(): void
}

/** The bridge of the Electron preload. */
export interface Bridge {
  send(request: Request): Promise<unknown>
  subscribe(listener: (message: PushMessage) => void): () => void
  attend(paceMs: number | null): Promise<unknown>
}

const firstRetryMs = 400
const slowestRetryMs = 5000

/** The link of an Electron window: always open, as it ends with its host. */
export function bridgeLink(bridge: Bridge): WatchedLink {
  return {
    send: request => bridge.send({ call: request.call, input: plain(request.input) }) as Promise<Reply>,
    subscribe: listener => bridge.subscribe(listener),
    watch: listener => {
      listener('open')
      return () => {}
    },
    attend: paceMs => void bridge.attend(paceMs).catch(() => {}),
    close: () => {},
  }
}

/** @param origin of the host, such as `http://127.0.0.1:4080`. */
export function webLink(origin: string): WatchedLink {
  const listeners = new Set<(message: PushMessage) => void>()
  const watchers = new Set<(state: LinkState) => void>()
  let state: LinkState = 'connecting'
  let socket: WebSocket | null = null
  let retryMs = firstRetryMs
  let timer: ReturnType<typeof setTimeout> | undefined
  let isClosed = false
  let paceMs: number | null | undefined

  const setState = (next: LinkState): void => {
    if (next === state) return
    state = next
    for (const watcher of watchers) watcher(state)
  }
  const lose = (): void => {
    socket = null
    if (isClosed) return
    if (state !== 'refused') setState('lost')
    void isRefused(origin).then(refused => {
      if (refused && !isClosed && socket?.readyState !== 1) setState('refused')
    })
    timer = setTimeout(connect, retryMs)
    retryMs = Math.min(retryMs * 1.6, slowestRetryMs)
  }
  const tellPace = (): void => {
    if (paceMs !== undefined && socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ paceMs }))
  }
  const connect = (): void => {
    const opened = new WebSocket(`${origin.replace(/^http/, 'ws')}/push`)
    socket = opened
    opened.addEventListener('open', () => {
      retryMs = firstRetryMs
      tellPace()
      setState('open')
    })
    opened.addEventListener('message', event => {
      const message = JSON.parse(String(event.data)) as PushMessage
      for (const listener of listeners) listener(message)
    })
    opened.addEventListener('close', lose, { once: true })
  }
  connect()

  return {
    send: request => post(origin, request),
    subscribe: listener => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    watch: watcher => {
      watchers.add(watcher)
      watcher(state)
      return () => void watchers.delete(watcher)
    },
    attend: next => {
      paceMs = next
      tellPace()
    },
    close: () => {
      isClosed = true
      clearTimeout(timer)
      socket?.close()
    },
  }
}

/** An answer that the host could not give: the message says what the user can do. */
function unreachable(message: string): Reply {
  return { ok: false, error: { code: 'internal', message, details: { connection: 'lost' } } }
}

async function post(origin: string, request: Request): Promise<Reply> {
  try {
    const body = JSON.stringify({ call: request.call, input: request.input ?? {} })
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${origin}/rpc`, { method: 'POST', headers, body })
    const reply: unknown = await response.json().catch(() => null)
    if (isReply(reply)) return reply
    return unreachable(
      `The workbench answered ${response.status} to ${request.call}. Open the address that npm start printed.`,
    )
  } catch {
    return unreachable(
      'The workbench does not answer. It may have been closed: start it again with npm start.',
    )
  }
}

async function isRefused(origin: string): Promise<boolean> {
  try {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ call: 'settings.get', input: {} })
    const response = await fetch(`${origin}/rpc`, { method: 'POST', headers, body })
    return response.status === 401 || response.status === 403
  } catch {
    return false
  }
}

function isReply(value: unknown): value is Reply {
  return (
    typeof value === 'object' && value !== null && 'ok' in value && ('value' in value || 'error' in value)
  )
}

/** Electron's structured clone refuses Vue's proxies, so a request crosses as plain JSON. */
function plain(input: unknown): unknown {
  return input === undefined ? {} : (JSON.parse(JSON.stringify(input)) as unknown)
}

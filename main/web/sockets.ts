/** Pushes over WebSockets. All that clients say is how closely they look; one that cannot keep up is dropped and reads anew when it comes back. */
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { PushMessage } from '../../core/contract/index.ts'
import { checkedPace } from '../audience.ts'
import { securityHeaders } from '../contentSecurity.ts'
import { pushPath, type Context } from './routes.ts'
import type { Refusal } from './guard.ts'

const mostSockets = 64
/** Bytes that may wait for one client. */
const mostBuffered = 16 * 1024 * 1024
const pingMs = 30_000

/** Serves pushes on a server. @returns a function that ends it. */
export function serveSockets(server: Server, context: Context): () => void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 1024,
    perMessageDeflate: false,
    clientTracking: true,
  })
  const alive = new WeakSet<WebSocket>()
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const refusal = refuse(request, context, sockets.clients.size)
    if (refusal) return refuseUpgrade(socket, refusal)
    sockets.handleUpgrade(request, socket, head, client => {
      alive.add(client)
      client.on('pong', () => alive.add(client))
      client.on('error', () => client.terminate())
      const listener = context.host.attach(message => {
        if (client.bufferedAmount > mostBuffered) client.terminate()
        else if (client.readyState === client.OPEN) client.send(textOf(message))
      })
      client.on('close', () => listener.end())
      client.on('message', data => {
        try {
          listener.attend(checkedPace((JSON.parse(String(data)) as { paceMs?: unknown }).paceMs))
        } catch {
          client.close(1008, 'not understood')
        }
      })
    })
  })
  const pinging = setInterval(() => {
    for (const client of sockets.clients) {
      if (!alive.delete(client)) client.terminate()
      else client.ping()
    }
  }, pingMs).unref()
  return () => {
    clearInterval(pinging)
    for (const client of sockets.clients) client.terminate()
    sockets.close()
  }
}

/** Written once for all who hear it. */
let written: { readonly message: PushMessage; readonly text: string } | null = null
function textOf(message: PushMessage): string {
  if (written?.message !== message) written = { message, text: JSON.stringify(message) }
  return written.text
}

function refuse(
  request: IncomingMessage,
  { guard, port }: Context,
  count: number,
): Refusal | { status: 404 | 503; message: string } | null {
  if (request.url !== pushPath) return { status: 404, message: 'There is nothing here' }
  if (count >= mostSockets) return { status: 503, message: 'Too many connections' }
  // Browsers send no Sec-Fetch-Site on upgrades, so that Origin must be right whenever there is a cookie.
  return guard.refuseHost(request) ?? guard.refuseCaller(request, port, true)
}

function refuseUpgrade(socket: Duplex, { status, message }: { status: number; message: string }): void {
  const headers = Object.entries(securityHeaders).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(
    `HTTP/1.1 ${status} Refused\r\n${headers.join('')}content-type: text/plain\r\nconnection: close\r\n` +
      `content-length: ${Buffer.byteLength(message)}\r\n\r\n${message}`,
  )
}

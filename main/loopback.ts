/** The web shell: the host's link and the interface over HTTP and a WebSocket, on this machine's loopback only. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { AppError } from '../core/errors/index.ts'
import { securityHeaders } from './contentSecurity.ts'
import type { Host } from './host.ts'
import { projectRoot } from './paths.ts'
import { largestBody } from './web/body.ts'
import { listFiles } from './web/files.ts'
import { createGuard } from './web/guard.ts'
import { routes, sendError, sendText, type Context } from './web/routes.ts'
import { serveSockets } from './web/sockets.ts'

export const defaultPort = 6460
/** Ports tried after the default one. */
const nextPorts = 20

export interface LoopbackOptions {
  /** A given port is used or refused, 0 is any free one; left out: 6460 or the next free one. */
  readonly port?: number
  /** Folder of the built interface. */
  readonly files?: string
}

export interface Loopback {
  readonly port: number
  /** `http://127.0.0.1:6460` */
  readonly address: string
  readonly token: string
  /** The address with the token: opens the interface. */
  readonly url: string
  close(): Promise<void>
}

/** @throws AppError port-in-use with the remedy. */
export async function serveLoopback(host: Host, options: LoopbackOptions = {}): Promise<Loopback> {
  const guard = createGuard()
  const files = listFiles(options.files ?? join(projectRoot(), 'out', 'renderer'))
  const server = createServer({ maxHeaderSize: 16 * 1024, headersTimeout: 10_000, requestTimeout: 30_000 })
  server.maxHeadersCount = 100
  server.maxConnections = 256
  const port = await listen(server, options.port)
  const context: Context = { host, guard, files, port }
  server.on('request', (request, response) => void answer(request, response, context))
  const endSockets = serveSockets(server, context)
  const address = `http://127.0.0.1:${port}`
  host.announce(address, guard.token)
  return {
    ...{ port, address, token: guard.token, url: `${address}/?token=${guard.token}` },
    async close() {
      endSockets()
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, context: Context): Promise<void> {
  for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
  try {
    await route(request, response, context)
  } catch (thrown) {
    const isSyntax = thrown instanceof SyntaxError
    const error = isSyntax ? new AppError('invalid-request', 'The body is not JSON') : AppError.from(thrown)
    if (response.headersSent) return void response.destroy()
    // What is left of a body that was too large is not read.
    response.setHeader('connection', 'close')
    sendError(response, error.code === 'invalid-request' ? 400 : 500, error)
  }
}

async function route(request: IncomingMessage, response: ServerResponse, context: Context): Promise<void> {
  const refusedHost = context.guard.refuseHost(request)
  if (refusedHost) return refuse(response, refusedHost)
  const [path = '', search = ''] = splitOnce(request.url ?? '')
  const query = new URLSearchParams(search)
  const candidates = routes.filter(each => each.matches(path, query, context))
  const found = candidates.find(each => each.method === request.method)
  if (found?.access !== 'token') {
    const refusal = context.guard.refuseCaller(request, context.port, request.method !== 'GET')
    if (refusal) return refuse(response, refusal, path === '/' && request.method === 'GET')
  }
  const most = found?.largestBody ?? largestBody
  if (Number(request.headers['content-length'] ?? 0) > most) {
    throw new AppError('invalid-request', `The body is larger than ${most} bytes`)
  }
  if (found) return found.answer({ request, response, path, query }, context)
  sendText(
    response,
    candidates.length > 0 ? 405 : 404,
    candidates.length > 0 ? 'Method not allowed' : 'There is nothing here',
  )
}

function refuse(
  response: ServerResponse,
  { status, message }: { status: number; message: string },
  isPage = false,
): void {
  response.setHeader('connection', 'close')
  if (!isPage) return sendError(response, status, new AppError('forbidden', message))
  // A link from another site comes without the cookie even after the exchange; one click from here brings it along.
  const page = `<!doctype html><title>Multigrain Workbench</title><p>${message}.</p><p><a href="/">Try again</a></p>`
  response
    .writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
    .end(page)
}

function splitOnce(url: string): [string, string] {
  const mark = url.indexOf('?')
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)]
}

async function listen(server: Server, wanted: number | undefined): Promise<number> {
  const first = wanted ?? defaultPort
  const last = wanted === undefined ? defaultPort + nextPorts : first
  for (let port = first; ; port++) {
    try {
      return await listenOn(server, port)
    } catch (thrown) {
      const isTaken = thrown instanceof Error && 'code' in thrown && thrown.code === 'EADDRINUSE'
      if (isTaken && port < last) continue
      throw isTaken ? portInUse(first, last, thrown) : AppError.from(thrown, `port ${port}`)
    }
  }
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.off('error', reject)
      resolve((server.address() as { port: number }).port)
    })
  })
}

function portInUse(first: number, last: number, cause: unknown): AppError {
  const which = first === last ? `Port ${first} is` : `Ports ${first} to ${last} are`
  const remedy = `End the program that uses ${first === last ? 'it' : 'them'}, or give another with --port`
  return new AppError(
    'port-in-use',
    `${which} in use. ${remedy}`,
    { field: 'port', value: first, remedy },
    cause,
  )
}

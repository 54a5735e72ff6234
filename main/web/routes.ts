/** Every address of the web host. The tests of its guard are made from this table: a new route is guarded by being in it. */
import { createReadStream } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AppError } from '../../core/errors/index.ts'
import type { Host } from '../host.ts'
import { largestUpload, uploadPathname } from '../uploads.ts'
import { checkUpload, readBody } from './body.ts'
import type { StaticFile } from './files.ts'
import type { Guard } from './guard.ts'

export interface Context {
  readonly host: Pick<Host, 'link' | 'attach' | 'blob' | 'upload'>
  readonly guard: Guard
  readonly files: ReadonlyMap<string, StaticFile>
  readonly port: number
}

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** As the client sent it, not decoded, without the query. */
  readonly path: string
  readonly query: URLSearchParams
}

export interface Route {
  readonly name: string
  readonly method: 'GET' | 'POST'
  /** An address of it, for the tests. */
  readonly example: string
  /** `session`: cookie or token. `token`: answers to the token in the query, which it exchanges for the cookie. */
  readonly access: 'session' | 'token'
  /** Largest body in bytes; that of a call when left out. */
  readonly largestBody?: number
  matches(path: string, query: URLSearchParams, context: Context): boolean
  answer(exchange: Exchange, context: Context): void | Promise<void>
}

/** Address of the WebSocket that carries pushes. */
export const pushPath = '/push'

export const routes: readonly Route[] = [
  {
    name: 'token',
    method: 'GET',
    example: '/?token=wrong',
    access: 'token',
    matches: (path, query) => path === '/' && query.has('token'),
    answer({ request, response, query }, { guard, port }) {
      if (!guard.isToken(query.get('token') ?? ''))
        return sendText(response, 401, 'The token is not that of this process')
      const headers = { 'set-cookie': guard.cookie(port), 'cache-control': 'no-store' }
      if (isOwnVisit(request)) return void response.writeHead(302, { location: '/', ...headers }).end()
      // Led here by a page that is not ours, a browser keeps the cookie back throughout its redirects: our own page goes on.
      response
        .writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers })
        .end(
          '<!doctype html><title>Multigrain Workbench</title><meta http-equiv="refresh" content="0;url=/">',
        )
    },
  },
  {
    name: 'rpc',
    method: 'POST',
    example: '/rpc',
    access: 'session',
    matches: path => path === '/rpc',
    async answer({ request, response }, { host }) {
      const message = JSON.parse(await readBody(request)) as Parameters<typeof host.link.send>[0]
      sendJson(response, 200, await host.link.send(message))
    },
  },
  {
    name: 'uploads',
    method: 'POST',
    example: uploadPathname,
    access: 'session',
    largestBody: largestUpload,
    matches: path => path === uploadPathname,
    async answer({ request, response }, { host }) {
      checkUpload(request)
      const reply = await host.upload(request as AsyncIterable<Uint8Array>)
      // What is left of one that was too large is not read.
      if (!request.complete) response.setHeader('connection', 'close')
      sendJson(response, 200, reply)
    },
  },
  {
    name: 'blobs',
    method: 'GET',
    example: '/blobs/datasets/digits/train/0/thumbnail',
    access: 'session',
    matches: path => path.startsWith('/blobs/'),
    async answer({ response, path }, { host }) {
      const { status, type, body } = await host.blob(path.slice('/blobs/'.length))
      // A data set that is scanned again may show another picture at the same address.
      response.writeHead(status, { 'content-type': type, 'cache-control': 'private, max-age=60' }).end(body)
    },
  },
  {
    name: 'files',
    method: 'GET',
    example: '/',
    access: 'session',
    matches: (path, _query, { files }) => files.has(path) || path === '/',
    answer({ response, path }, { files }) {
      const file = files.get(path)
      if (!file)
        return sendText(response, 404, "The interface is not built. Start the workbench with 'npm start'")
      const cache = file.isHashed ? 'private, max-age=31536000, immutable' : 'no-store'
      response.writeHead(200, { 'content-type': file.type, 'cache-control': cache })
      createReadStream(file.path)
        .on('error', () => response.destroy())
        .pipe(response)
    },
  },
]

/** Typed, pasted or clicked outside the browser, or no browser at all. */
function isOwnVisit(request: IncomingMessage): boolean {
  const site = request.headers['sec-fetch-site']
  return site === undefined || site === 'none' || site === 'same-origin'
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' }
  response.writeHead(status, headers).end(JSON.stringify(value))
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  response
    .writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
    .end(`${text}\n`)
}

/** An error as the answer to a call, so that every client understands it. */
export function sendError(response: ServerResponse, status: number, error: AppError): void {
  sendJson(response, status, { ok: false, error: error.toReply() })
}

/** A web host over a host that only listens, and requests sent byte for byte: a client library would put them right. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect as connectSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PushMessage } from '../../../core/contract/index.ts'
import type { Host } from '../../../main/host.ts'
import { serveLoopback, type Loopback } from '../../../main/loopback.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

export const call = JSON.stringify({ call: 'settings.get', input: {} })

/** What reached the host behind the guard. */
export const called: unknown[] = []
/** How closely pages have said that they look. */
export const paces: (number | null)[] = []
const listeners = new Set<(message: PushMessage) => void>()

export interface Site {
  readonly web: Loopback
  /** The session's cookie as a browser sends it. */
  readonly cookie: string
  readonly host: string
  readonly origin: string
  raw(line: string, headers: Headers, body?: string): Promise<Answer>
  /** Headers that our own page sends. */
  own(isUnsafe: boolean): Record<string, string>
  push(message: PushMessage): void
  close(): Promise<void>
}

/** Serves a page, a script, and files beside them that must never be served. */
export async function openSite(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'multigrain-web-'))
  const files = join(folder, 'renderer')
  mkdirSync(join(files, 'assets'), { recursive: true })
  writeFileSync(join(files, 'index.html'), '<!doctype html><title>page</title>')
  writeFileSync(join(files, 'assets', 'index-a1b2c3d4.js'), 'export {}')
  writeFileSync(join(folder, 'secret.txt'), 'top secret')
  mkdirSync(join(folder, 'renderer-evil'))
  writeFileSync(join(folder, 'renderer-evil', 'index.html'), 'top secret')
  symlinkSync(join(folder, 'secret.txt'), join(files, 'link.html'))
  const web = await serveLoopback(fakeHost(), { port: 0, files })
  const host = `127.0.0.1:${web.port}`
  const origin = `http://${host}`
  const raw: Site['raw'] = (line, headers, body = '') => sendRaw(web.port, line, headers, body)
  const { headers } = await raw(`GET /?token=${web.token} HTTP/1.1`, { host })
  const cookie = headers['set-cookie']?.split(';')[0] ?? ''
  const page = { host, cookie, 'sec-fetch-site': 'same-origin' }
  return {
    ...{ web, cookie, host, origin, raw },
    own: (isUnsafe): Record<string, string> =>
      isUnsafe ? { ...page, origin, 'content-type': 'application/json' } : page,
    push(message) {
      for (const listener of listeners) listener(message)
    },
    async close() {
      await web.close()
      rmSync(folder, { recursive: true })
    },
  }
}

export function fakeHost(): Host {
  return {
    link: {
      send: async request => {
        called.push(request)
        return { ok: true, value: request }
      },
      subscribe(listener) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
    },
    attach(send) {
      listeners.add(send)
      return { attend: pace => void paces.push(pace), end: () => void listeners.delete(send) }
    },
    overhear: () => () => {},
    blob: async () => ({ status: 404, type: 'text/plain', body: Buffer.from('none') }),
    upload: async body => {
      let size = 0
      for await (const part of body) size += part.length
      called.push({ upload: size })
      return { ok: true, value: { id: 'u-0', size } }
    },
    report: () => {},
    announce: () => {},
    close: async () => {},
    folders: {} as Host['folders'],
  }
}

function sendRaw(port: number, line: string, headers: Headers, body: string): Promise<Answer> {
  const fields = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map(each => `${name}: ${each}\r\n`),
  )
  return new Promise((resolve, reject) => {
    const socket = connectSocket(port, '127.0.0.1')
    let text = ''
    socket.on('data', data => (text += data.toString('latin1')))
    socket.on('error', reject)
    socket.on('close', () => resolve(parse(text)))
    const length = `connection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`
    socket.write(`${line}\r\n${fields.join('')}${length}\r\n${body}`)
  })
}

function parse(text: string): Answer {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [status = '', ...fields] = head.split('\r\n')
  const headers = fields.map(each => {
    const colon = each.indexOf(':')
    return [each.slice(0, colon).toLowerCase(), each.slice(colon + 1).trim()]
  })
  return {
    status: Number(status.split(' ')[1]),
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: rest.join('\r\n\r\n'),
  }
}

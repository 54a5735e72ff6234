/**
 * Who may speak to the web host. A page of another site can make a browser send requests here, and a rebound DNS name can even make
 * them same-origin: so Host, Origin, Sec-Fetch-Site and a secret are all checked, on every route.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Why a request is refused. */
export interface Refusal {
  readonly status: 400 | 401 | 403
  readonly message: string
}

export interface Guard {
  /** Printed with the address, and found by other processes of this user in host.json. */
  readonly token: string
  /** For Set-Cookie: a session that only this site's own pages send. */
  cookie(port: number): string
  isToken(candidate: string): boolean
  /** Null when the request comes from this machine by a loopback name. */
  refuseHost(request: IncomingMessage): Refusal | null
  /** Null when the request carries the session or the token, and no other site sent it. */
  refuseCaller(request: IncomingMessage, port: number, isUnsafe: boolean): Refusal | null
}

/** Any port: forwarding over ssh changes it. */
const loopbackHost = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i

export function createGuard(): Guard {
  const token = secret()
  const session = secret()
  const name = (port: number): string => `multigrain-${port}`
  const hasSession = (request: IncomingMessage, port: number): boolean =>
    cookies(request).some(([key, value]) => key === name(port) && equal(value, session))
  const isToken = (candidate: string): boolean => equal(candidate, token)
  return {
    token,
    cookie: port => `${name(port)}=${session}; HttpOnly; SameSite=Strict; Path=/`,
    isToken,
    refuseHost,
    refuseCaller(request, port, isUnsafe) {
      const bearer = /^Bearer ([\w-]{1,200})$/.exec(request.headers.authorization ?? '')?.[1]
      if (bearer !== undefined) {
        return isToken(bearer)
          ? refuseOrigin(request, true)
          : { status: 401, message: 'The token is not that of this process' }
      }
      if (!hasSession(request, port))
        return { status: 401, message: 'Open the address that the workbench printed when it started' }
      return refuseSite(request) ?? (isUnsafe ? refuseOrigin(request, false) : null)
    },
  }
}

function secret(): string {
  return randomBytes(32).toString('base64url')
}

/** Compares in a time that does not depend on where the texts differ, or on their lengths. */
function equal(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

function cookies(request: IncomingMessage): [string, string][] {
  return (request.headers.cookie ?? '').split(';').map(part => {
    const [key = '', ...value] = part.trim().split('=')
    return [key, value.join('=')]
  })
}

function refuseHost(request: IncomingMessage): Refusal | null {
  const hosts = request.headersDistinct['host'] ?? []
  const isOne = hosts.length === 1 && loopbackHost.test(hosts[0] ?? '')
  if (!isOne) return { status: 403, message: 'Host: expected localhost, 127.0.0.1 or [::1]' }
  // A request line with a whole address would bring a second host name along.
  return request.url?.startsWith('/') ? null : { status: 400, message: 'The request line must hold a path' }
}

/** A browser names the page that sends. Only our own may; without a name the sender is no browser, and needs the token. */
function refuseOrigin(request: IncomingMessage, mayLack: boolean): Refusal | null {
  const origins = request.headersDistinct['origin'] ?? []
  if (origins.length === 0 && mayLack) return null
  const expected = `http://${request.headers.host}`
  return origins.length === 1 && origins[0] === expected
    ? null
    : { status: 403, message: `Origin: expected ${expected}` }
}

function refuseSite(request: IncomingMessage): Refusal | null {
  const site = request.headers['sec-fetch-site']
  return site === undefined || site === 'same-origin' || site === 'none'
    ? null
    : { status: 403, message: 'Sec-Fetch-Site: expected same-origin' }
}

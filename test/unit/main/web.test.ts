import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect as connectSocket } from 'node:net'
import { join } from 'node:path'
import { before, after, describe, test } from 'node:test'
import WebSocket from 'ws'
import { createServer } from 'node:http'
import { contentSecurityPolicy, securityHeaders } from '../../../main/contentSecurity.ts'
import type { Host } from '../../../main/host.ts'
import { serveLoopback, type Loopback } from '../../../main/loopback.ts'
import { pushPath, routes } from '../../../main/web/routes.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'

/**
 * The guard of the web host, tested for every route of its table: a new route is tested by being in it. The classes of attack are
 * those that other local servers were found open to: DNS rebinding, requests of other sites, path traversal, leaking secrets.
 */

interface Answer {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string
}

let web: Loopback
let folder: string
let cookie: string
const called: unknown[] = []
const blobs: string[] = []
const listeners = new Set<(message: { push: string; payload: unknown }) => void>()

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'multigrain-web-'))
  const files = join(folder, 'renderer')
  mkdirSync(join(files, 'assets'), { recursive: true })
  writeFileSync(join(files, 'index.html'), '<!doctype html><title>page</title>')
  writeFileSync(join(files, 'assets', 'index-a1b2c3d4.js'), 'export {}')
  writeFileSync(join(folder, 'secret.txt'), 'top secret')
  mkdirSync(join(folder, 'renderer-evil'))
  writeFileSync(join(folder, 'renderer-evil', 'index.html'), 'top secret')
  symlinkSync(join(folder, 'secret.txt'), join(files, 'link.html'))
  web = await serveLoopback(fakeHost(), { port: 0, files })
  const { headers } = await raw(`GET /?token=${web.token} HTTP/1.1`, { host: `127.0.0.1:${web.port}` })
  cookie = headers['set-cookie']?.split(';')[0] ?? ''
})

after(async () => {
  await web.close()
  rmSync(folder, { recursive: true })
})

function fakeHost(): Host {
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
    blob: async path => {
      blobs.push(path)
      return { status: 404, type: 'text/plain', body: Buffer.from('none') }
    },
    announce: () => {},
    close: async () => {},
    folders: {} as Host['folders'],
  }
}

/** Sends exactly these bytes: a client library would put them right. */
function raw(line: string, headers: Record<string, string | string[]>, body = ''): Promise<Answer> {
  const fields = Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map(each => `${name}: ${each}\r\n`),
  )
  return new Promise((resolve, reject) => {
    const socket = connectSocket(web.port, '127.0.0.1')
    let text = ''
    socket.on('data', data => (text += data.toString('latin1')))
    socket.on('error', reject)
    socket.on('close', () => {
      const [head = '', ...rest] = text.split('\r\n\r\n')
      const [status = '', ...names] = head.split('\r\n')
      const pairs = names.map(each => [
        each.slice(0, each.indexOf(':')).toLowerCase(),
        each.slice(each.indexOf(':') + 1).trim(),
      ])
      resolve({
        status: Number(status.split(' ')[1]),
        headers: Object.fromEntries(pairs),
        body: rest.join('\r\n\r\n'),
      })
    })
    const close = 'connection' in headers ? '' : 'connection: close\r\n'
    socket.write(
      `${line}\r\n${fields.join('')}${close}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
  })
}

const ownHost = (): string => `127.0.0.1:${web.port}`
const ownOrigin = (): string => `http://${ownHost()}`

/** Headers that our own page sends. */
function ownHeaders(isUnsafe: boolean): Record<string, string> {
  const origin = isUnsafe ? { origin: ownOrigin(), 'content-type': 'application/json' } : {}
  return { host: ownHost(), cookie, 'sec-fetch-site': 'same-origin', ...origin }
}

const call = JSON.stringify({ call: 'settings.get', input: {} })
const bodyOf = (method: string): string => (method === 'POST' ? call : '')

for (const { name, method, example, access } of routes) {
  const line = `${method} ${example} HTTP/1.1`
  const isUnsafe = method !== 'GET'
  describe(`route ${name}`, () => {
    test('refuses every Host but a loopback name', async () => {
      const hosts = [
        'evil.test',
        '127.0.0.1.evil.test',
        'localhost.evil.test',
        'evil.test:80@127.0.0.1',
        '127.0.0.1:x',
        '0.0.0.0',
        '',
      ]
      for (const host of hosts) {
        const { status } = await raw(line, { ...ownHeaders(isUnsafe), host }, bodyOf(method))
        assert.ok(status === 403 || status === 400, `Host '${host}' got ${status}`)
      }
      const twice = await raw(
        line,
        { ...ownHeaders(isUnsafe), host: [ownHost(), 'evil.test'] },
        bodyOf(method),
      )
      assert.ok(twice.status === 403 || twice.status === 400)
      const whole = await raw(line.replace(' /', ' http://evil.test/'), ownHeaders(isUnsafe), bodyOf(method))
      assert.equal(whole.status, 400)
    })

    test('takes localhost, 127.0.0.1 and [::1] with any port', async () => {
      for (const host of ['localhost:9999', '127.0.0.1', '[::1]:1234', ownHost()]) {
        const origin = isUnsafe ? { origin: `http://${host}` } : {}
        const { status } = await raw(line, { ...ownHeaders(isUnsafe), host, ...origin }, bodyOf(method))
        assert.notEqual(status, 403, host)
      }
    })

    if (access === 'session') {
      test('refuses a caller without the secret', async () => {
        const { cookie: _cookie, ...rest } = ownHeaders(isUnsafe)
        const wrong = [
          {},
          { cookie: `multigrain-${web.port}=wrong` },
          { cookie: 'multigrain-1=x' },
          { authorization: 'Bearer wrong' },
        ]
        for (const headers of [...wrong, { authorization: `Basic ${web.token}` }]) {
          const { status } = await raw(line, { ...rest, ...headers }, bodyOf(method))
          assert.equal(status, 401, JSON.stringify(headers))
        }
      })

      test('refuses what another site sends, even with the cookie', async () => {
        for (const site of ['cross-site', 'same-site']) {
          const { status } = await raw(
            line,
            { ...ownHeaders(isUnsafe), 'sec-fetch-site': site },
            bodyOf(method),
          )
          assert.equal(status, 403, site)
        }
      })

      test('takes the token from a program', async () => {
        const headers = {
          host: ownHost(),
          authorization: `Bearer ${web.token}`,
          'content-type': 'application/json',
        }
        const { status } = await raw(line, headers, bodyOf(method))
        assert.ok(status < 500 && status !== 401 && status !== 403)
      })
    }

    if (isUnsafe) {
      test('refuses every Origin but its own', async () => {
        const { port } = web
        const origins = [
          ...['null', '', 'http://evil.test', `http://evil.test:${port}`, `https://127.0.0.1:${port}`],
          ...[`http://127.0.0.1:${port}.evil.test`, `http://127.0.0.1:${port}/`, `http://localhost:${port}`],
          ...[
            'http://127.0.0.1',
            `http://127.0.0.1:${port + 1}`,
            `http://user@127.0.0.1:${port}`,
            `HTTP://127.0.0.1:${port}`,
          ],
        ]
        const before = called.length
        for (const origin of origins) {
          const { status } = await raw(line, { ...ownHeaders(true), origin }, call)
          assert.equal(status, 403, `Origin '${origin}'`)
        }
        const { origin: _origin, ...without } = ownHeaders(true)
        assert.equal((await raw(line, without, call)).status, 403, 'no Origin with a cookie')
        const foreign = {
          ...ownHeaders(true),
          authorization: `Bearer ${web.token}`,
          origin: 'http://evil.test',
        }
        assert.equal((await raw(line, foreign, call)).status, 403, 'a foreign Origin with the token')
        assert.equal(called.length, before, 'nothing was called')
      })

      test('refuses a body that any site can send without asking', async () => {
        for (const type of [
          'text/plain',
          'application/x-www-form-urlencoded',
          'multipart/form-data; boundary=x',
          '',
        ]) {
          const { status } = await raw(line, { ...ownHeaders(true), 'content-type': type }, call)
          assert.equal(status, 400, type)
        }
      })
    }

    test('every answer carries the security headers, refusals too', async () => {
      const answers = [
        await raw(line, ownHeaders(isUnsafe), bodyOf(method)),
        await raw(line, { host: 'evil.test' }, bodyOf(method)),
        await raw(line.replace(/^\w+/, 'DELETE'), ownHeaders(true)),
        await raw('GET /nothing HTTP/1.1', ownHeaders(false)),
      ]
      for (const { headers, status } of answers) {
        for (const [header, value] of Object.entries(securityHeaders))
          assert.equal(headers[header], value, `${status} ${header}`)
        assert.equal(headers['access-control-allow-origin'], undefined)
      }
    })

    test('answers no other method', async () => {
      const others = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'].filter(
        each => each !== method,
      )
      for (const other of others) {
        const { status } = await raw(`${other} ${example} HTTP/1.1`, ownHeaders(true), call)
        assert.ok([405, 404, 401, 400].includes(status), `${other} got ${status}`)
      }
    })
  })
}

test('the policy allows no inline code, no evaluation and no other site', () => {
  assert.doesNotMatch(contentSecurityPolicy, /unsafe|\*|https?:/)
  assert.match(contentSecurityPolicy, /default-src 'none'/)
  assert.match(contentSecurityPolicy, /frame-ancestors 'none'/)
})

test('the token is exchanged for a cookie that scripts and other sites cannot use', async () => {
  const answer = await raw(`GET /?token=${web.token} HTTP/1.1`, { host: ownHost() })
  assert.equal(answer.status, 302)
  assert.equal(answer.headers['location'], '/')
  assert.match(
    answer.headers['set-cookie'] ?? '',
    new RegExp(`^multigrain-${web.port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/$`),
  )
  assert.ok(!answer.headers['set-cookie']?.includes(web.token))
  assert.match(web.token, /^[\w-]{43}$/, '256 bits')
  for (const wrong of ['', 'x', `${web.token}x`, web.token.slice(1), '%00']) {
    assert.equal((await raw(`GET /?token=${wrong} HTTP/1.1`, { host: ownHost() })).status, 401)
  }
})

test('the exchange redirects nowhere else, whatever is asked', async () => {
  for (const next of ['//evil.test', '/%5cevil.test', 'http://evil.test', '%2f%2fevil.test']) {
    const { headers } = await raw(`GET /?token=${web.token}&next=${next}&location=${next} HTTP/1.1`, {
      host: ownHost(),
    })
    assert.equal(headers['location'], '/')
  }
})

test('the page and its hashed files are served; nothing outside the list is', async () => {
  const page = await raw('GET / HTTP/1.1', ownHeaders(false))
  assert.equal(page.status, 200)
  assert.match(page.body, /<title>page/)
  const script = await raw('GET /assets/index-a1b2c3d4.js HTTP/1.1', ownHeaders(false))
  assert.deepEqual([script.status, script.headers['content-type']], [200, 'text/javascript; charset=utf-8'])
  const traversal = [
    ...[
      '/../secret.txt',
      '/assets/../../secret.txt',
      '/%2e%2e/secret.txt',
      '/%252e%252e/secret.txt',
      '/..%2fsecret.txt',
    ],
    ...[
      '/..\\secret.txt',
      '/..%5csecret.txt',
      '//etc/passwd',
      '/etc/passwd',
      '/assets/%00',
      '/C:/secret.txt',
      '/\\\\host\\share',
    ],
    ...[
      '/../renderer-evil/index.html',
      '/link.html',
      '/index.html.',
      '/./index.html',
      '/assets',
      '/assets/',
      '/__proto__',
      '/constructor',
    ],
    ...['/blobs/../secret.txt', '/blobs/datasets/%2e%2e/train/0/image', '/blobs//etc/passwd'],
  ]
  for (const path of traversal) {
    const { status, body } = await raw(`GET ${path} HTTP/1.1`, ownHeaders(false))
    assert.ok(status === 404 || status === 400, `${path} got ${status}`)
    assert.doesNotMatch(body, /secret|root:/)
  }
})

test('a call is passed on as it is, and an answer is JSON', async () => {
  const headers = { ...ownHeaders(true) }
  const { status, body } = await raw('POST /rpc HTTP/1.1', headers, call)
  assert.equal(status, 200)
  assert.match(body, /"ok":true/)
  const bad = await raw('POST /rpc HTTP/1.1', headers, '{"call":')
  assert.equal(bad.status, 400)
  assert.match(bad.body, /not JSON/)
})

test('a body that is too large is refused unread', async () => {
  const { status } = await raw('POST /rpc HTTP/1.1', ownHeaders(true), `"${'x'.repeat(1024 * 1024)}"`)
  assert.equal(status, 400)
  const chunked = { ...ownHeaders(true), 'transfer-encoding': 'chunked' }
  assert.ok((await raw('POST /rpc HTTP/1.1', chunked, call)).status >= 400)
})

test('headers without end are refused', async () => {
  const { status } = await raw('GET / HTTP/1.1', { ...ownHeaders(false), 'x-long': 'x'.repeat(20_000) })
  assert.equal(status, 431)
})

test('the secrets are in no answer and no page', async () => {
  const answers = [
    await raw('GET / HTTP/1.1', ownHeaders(false)),
    await raw('GET / HTTP/1.1', { host: ownHost() }),
    await raw('GET /nothing HTTP/1.1', ownHeaders(false)),
  ]
  for (const { body } of answers)
    assert.ok(!body.includes(web.token) && !body.includes(cookie.split('=')[1] ?? 'none'))
})

function upgrade(headers: Record<string, string>, path = pushPath): Promise<number> {
  return new Promise(resolve => {
    const socket = new WebSocket(`ws://127.0.0.1:${web.port}${path}`, { headers })
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
    socket.on('open', () => {
      resolve(101)
      socket.close()
    })
    socket.on('error', () => resolve(0))
  })
}

test('an upgrade needs Host, secret and Origin as well', async () => {
  const own = { host: ownHost(), cookie, origin: ownOrigin() }
  assert.equal(await upgrade(own), 101)
  assert.equal(await upgrade({ host: ownHost(), authorization: `Bearer ${web.token}` }), 101)
  assert.equal(await upgrade({ ...own, host: 'evil.test' }), 403)
  assert.equal(await upgrade({ ...own, cookie: '' }), 401)
  assert.equal(await upgrade({ host: ownHost(), origin: ownOrigin() }), 401)
  for (const origin of ['null', 'http://evil.test', `${ownOrigin()}.evil.test`])
    assert.equal(await upgrade({ ...own, origin }), 403, origin)
  assert.equal(await upgrade({ host: ownHost(), cookie }), 403, 'no Origin with a cookie')
  assert.equal(await upgrade(own, '/other'), 404)
  assert.equal(await upgrade(own, `${pushPath}?x`), 404)
})

test('pushes reach every socket, and a socket may say nothing', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${web.port}${pushPath}`, {
    headers: { authorization: `Bearer ${web.token}` },
  })
  await new Promise(resolve => socket.on('open', resolve))
  const heard = new Promise<string>(resolve => socket.on('message', data => resolve(String(data))))
  for (const listener of listeners)
    listener({ push: 'system.onNotice', payload: { level: 'info', message: 'hello' } })
  assert.deepEqual(JSON.parse(await heard), {
    push: 'system.onNotice',
    payload: { level: 'info', message: 'hello' },
  })
  const closed = new Promise(resolve => socket.on('close', resolve))
  socket.send('x'.repeat(5000))
  await closed
})

test('it listens on the loopback alone', async () => {
  const { networkInterfaces } = await import('node:os')
  const others = Object.values(networkInterfaces())
    .flat()
    .filter(each => each && !each.internal && each.family === 'IPv4')
  for (const other of others) {
    await assert.rejects(
      fetch(`http://${other?.address}:${web.port}/`, { signal: AbortSignal.timeout(1000) }),
    )
  }
})

test('a port in use is named, with what to do; without a wish the next free one is taken', async t => {
  await assert.rejects(serveLoopback(fakeHost(), { port: web.port }), {
    code: 'port-in-use',
    message: new RegExp(`Port ${web.port} is in use.*--port`),
  })
  const blocker = createServer().listen(6460, '127.0.0.1')
  t.after(() => blocker.close())
  // Another program may hold it already, which is as good.
  await new Promise(resolve => blocker.once('listening', resolve).once('error', resolve))
  const next = await serveLoopback(fakeHost(), {})
  t.after(() => next.close())
  assert.ok(next.port > 6460 && next.port <= 6480)
})

test('the file with the token is readable by its user alone', async t => {
  const { startBench } = await import('./fixture.ts')
  const bench = await startBench(t)
  const served = await serveLoopback(bench.host, { port: 0 })
  t.after(() => served.close())
  const { hostFile, root } = bench.host.folders
  assert.equal(statSync(hostFile).mode & 0o777, 0o600)
  assert.equal(statSync(join(root, 'runs')).mode & 0o077, 0)
  assert.equal((JSON.parse(readFileSync(hostFile, 'utf8')) as { token: string }).token, served.token)
})

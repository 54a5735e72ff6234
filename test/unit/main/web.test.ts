import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import WebSocket from 'ws'
import { contentSecurityPolicy } from '../../../main/contentSecurity.ts'
import { serveLoopback } from '../../../main/loopback.ts'
import { pushPath } from '../../../main/web/routes.ts'
import { startBench, waitFor } from './fixture.ts'
import { call, fakeHost, openSite, paces, type Site } from './webFixture.ts'

let site: Site

before(async () => {
  site = await openSite()
})

after(() => site.close())

test('the policy allows no inline code, no evaluation and no other site', () => {
  assert.doesNotMatch(contentSecurityPolicy, /unsafe|\*|https?:/)
  assert.match(contentSecurityPolicy, /default-src 'none'/)
  assert.match(contentSecurityPolicy, /frame-ancestors 'none'/)
})

test('the token is exchanged for a cookie that scripts and other sites cannot use', async () => {
  const answer = await site.raw(`GET /?token=${site.web.token} HTTP/1.1`, { host: site.host })
  assert.equal(answer.status, 302)
  assert.equal(answer.headers['location'], '/')
  assert.match(
    answer.headers['set-cookie'] ?? '',
    new RegExp(`^multigrain-${site.web.port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/$`),
  )
  assert.ok(!answer.headers['set-cookie']?.includes(site.web.token))
  assert.match(site.web.token, /^[\w-]{43}$/, '256 bits')
  for (const wrong of ['', 'x', `${site.web.token}x`, site.web.token.slice(1), '%00']) {
    assert.equal((await site.raw(`GET /?token=${wrong} HTTP/1.1`, { host: site.host })).status, 401)
  }
})

test('led here by another page, a browser is sent on by ours, so that the cookie comes along', async () => {
  const headers = { host: site.host, 'sec-fetch-site': 'cross-site' }
  const answer = await site.raw(`GET /?token=${site.web.token} HTTP/1.1`, headers)
  assert.equal(answer.status, 200)
  assert.match(answer.headers['set-cookie'] ?? '', /SameSite=Strict/)
  assert.match(answer.body, /http-equiv="refresh" content="0;url=\/"/)
  assert.ok(!answer.body.includes(site.web.token))
})

test('the exchange redirects nowhere else, whatever is asked', async () => {
  for (const next of ['//evil.test', '/%5cevil.test', 'http://evil.test', '%2f%2fevil.test']) {
    const { headers } = await site.raw(
      `GET /?token=${site.web.token}&next=${next}&location=${next} HTTP/1.1`,
      {
        host: site.host,
      },
    )
    assert.equal(headers['location'], '/')
  }
})

test('the page and its hashed files are served; nothing outside the list is', async () => {
  const page = await site.raw('GET / HTTP/1.1', site.own(false))
  assert.equal(page.status, 200)
  assert.match(page.body, /<title>page/)
  const script = await site.raw('GET /assets/index-a1b2c3d4.js HTTP/1.1', site.own(false))
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
    const { status, body } = await site.raw(`GET ${path} HTTP/1.1`, site.own(false))
    assert.ok(status === 404 || status === 400, `${path} got ${status}`)
    assert.doesNotMatch(body, /secret|root:/)
  }
})

test('a call is passed on as it is, and an answer is JSON', async () => {
  const headers = { ...site.own(true) }
  const { status, body } = await site.raw('POST /rpc HTTP/1.1', headers, call)
  assert.equal(status, 200)
  assert.match(body, /"ok":true/)
  const bad = await site.raw('POST /rpc HTTP/1.1', headers, '{"call":')
  assert.equal(bad.status, 400)
  assert.match(bad.body, /not JSON/)
})

test('a body that is too large is refused unread', async () => {
  const { status } = await site.raw('POST /rpc HTTP/1.1', site.own(true), `"${'x'.repeat(1024 * 1024)}"`)
  assert.equal(status, 400)
  const chunked = { ...site.own(true), 'transfer-encoding': 'chunked' }
  assert.ok((await site.raw('POST /rpc HTTP/1.1', chunked, call)).status >= 400)
})

test('headers without end are refused', async () => {
  const { status } = await site.raw('GET / HTTP/1.1', { ...site.own(false), 'x-long': 'x'.repeat(20_000) })
  assert.equal(status, 431)
})

test('the secrets are in no answer and no page', async () => {
  const answers = [
    await site.raw('GET / HTTP/1.1', site.own(false)),
    await site.raw('GET / HTTP/1.1', { host: site.host }),
    await site.raw('GET /nothing HTTP/1.1', site.own(false)),
  ]
  for (const { body } of answers)
    assert.ok(!body.includes(site.web.token) && !body.includes(site.cookie.split('=')[1] ?? 'none'))
})

function upgrade(headers: Record<string, string>, path = pushPath): Promise<number> {
  return new Promise(resolve => {
    const socket = new WebSocket(`ws://127.0.0.1:${site.web.port}${path}`, { headers })
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
    socket.on('open', () => {
      resolve(101)
      socket.close()
    })
    socket.on('error', () => resolve(0))
  })
}

test('an upgrade needs Host, secret and Origin as well', async () => {
  const own = { host: site.host, cookie: site.cookie, origin: site.origin }
  assert.equal(await upgrade(own), 101)
  assert.equal(await upgrade({ host: site.host, authorization: `Bearer ${site.web.token}` }), 101)
  assert.equal(await upgrade({ ...own, host: 'evil.test' }), 403)
  assert.equal(await upgrade({ ...own, cookie: '' }), 401)
  assert.equal(await upgrade({ host: site.host, origin: site.origin }), 401)
  for (const origin of ['null', 'http://evil.test', `${site.origin}.evil.test`])
    assert.equal(await upgrade({ ...own, origin }), 403, origin)
  assert.equal(await upgrade({ host: site.host, cookie: site.cookie }), 403, 'no Origin with a cookie')
  assert.equal(await upgrade(own, '/other'), 404)
  assert.equal(await upgrade(own, `${pushPath}?x`), 404)
})

test('pushes reach every socket, and all that a socket may say is how closely it looks', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${site.web.port}${pushPath}`, {
    headers: { authorization: `Bearer ${site.web.token}` },
  })
  await new Promise(resolve => socket.on('open', resolve))
  const heard = new Promise<string>(resolve => socket.on('message', data => resolve(String(data))))
  site.push({ push: 'system.onNotice', payload: { level: 'info', message: 'hello' } })
  assert.deepEqual(JSON.parse(await heard), {
    push: 'system.onNotice',
    payload: { level: 'info', message: 'hello' },
  })
  for (const paceMs of [100, null]) socket.send(JSON.stringify({ paceMs }))
  await waitFor(() => paces.length === 2)
  assert.deepEqual(paces, [100, null])
  await endedBy(socket, 'x'.repeat(5000))
  for (const text of ['', 'null', '{}', '[]', '{"paceMs":"1"}', '{"paceMs":{}}']) {
    const other = new WebSocket(`ws://127.0.0.1:${site.web.port}${pushPath}`, {
      headers: { authorization: `Bearer ${site.web.token}` },
    })
    await new Promise(resolve => other.on('open', resolve))
    assert.equal(await endedBy(other, text), 1008, text)
  }
  assert.equal(paces.length, 2)
})

/** The code with which the host closes a socket that says something. */
function endedBy(socket: WebSocket, text: string): Promise<number> {
  return new Promise(resolve => {
    socket.on('close', resolve)
    socket.send(text)
  })
}

test('it listens on the loopback alone', async () => {
  const others = Object.values(networkInterfaces())
    .flat()
    .filter(each => each && !each.internal && each.family === 'IPv4')
  for (const other of others) {
    await assert.rejects(
      fetch(`http://${other?.address}:${site.web.port}/`, { signal: AbortSignal.timeout(1000) }),
    )
  }
})

test('a port in use is named, with what to do; without a wish the next free one is taken', async t => {
  await assert.rejects(serveLoopback(fakeHost(), { port: site.web.port }), {
    code: 'port-in-use',
    message: new RegExp(`Port ${site.web.port} is in use.*--port`),
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
  const bench = await startBench(t)
  const served = await serveLoopback(bench.host, { port: 0 })
  t.after(() => served.close())
  const { hostFile, root } = bench.host.folders
  assert.equal(statSync(hostFile).mode & 0o777, 0o600)
  assert.equal(statSync(join(root, 'runs')).mode & 0o077, 0)
  assert.equal((JSON.parse(readFileSync(hostFile, 'utf8')) as { token: string }).token, served.token)
})

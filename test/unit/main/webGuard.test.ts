import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { securityHeaders } from '../../../main/contentSecurity.ts'
import { routes } from '../../../main/web/routes.ts'
import { call, called, openSite, type Headers, type Site } from './webFixture.ts'

/**
 * The guard of the web host, tested for every route of its table: a new route is tested by being in it. The classes of attack are
 * those that other local servers were found open to: DNS rebinding, requests of other sites, path traversal, leaking secrets.
 */

let site: Site

before(async () => {
  site = await openSite()
})

after(() => site.close())

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
        const { status } = await site.raw(line, { ...site.own(isUnsafe), host }, bodyOf(method))
        assert.ok(status === 403 || status === 400, `Host '${host}' got ${status}`)
      }
      const twice = await site.raw(
        line,
        { ...site.own(isUnsafe), host: [site.host, 'evil.test'] },
        bodyOf(method),
      )
      assert.ok(twice.status === 403 || twice.status === 400)
      const whole = await site.raw(
        line.replace(' /', ' http://evil.test/'),
        site.own(isUnsafe),
        bodyOf(method),
      )
      assert.equal(whole.status, 400)
    })

    test('takes localhost, 127.0.0.1 and [::1] with any port', async () => {
      for (const host of ['localhost:9999', '127.0.0.1', '[::1]:1234', site.host]) {
        const origin = isUnsafe ? { origin: `http://${host}` } : {}
        const { status } = await site.raw(line, { ...site.own(isUnsafe), host, ...origin }, bodyOf(method))
        assert.notEqual(status, 403, host)
      }
    })

    if (access === 'session') {
      test('refuses a caller without the secret', async () => {
        const { cookie: _cookie, ...rest } = site.own(isUnsafe)
        const wrong: Headers[] = [
          {},
          { cookie: `multigrain-${site.web.port}=wrong` },
          { cookie: 'multigrain-1=x' },
          { authorization: 'Bearer wrong' },
        ]
        for (const headers of [...wrong, { authorization: `Basic ${site.web.token}` }]) {
          const { status } = await site.raw(line, { ...rest, ...headers }, bodyOf(method))
          assert.equal(status, 401, JSON.stringify(headers))
        }
      })

      test('refuses what another site sends, even with the cookie', async () => {
        for (const from of ['cross-site', 'same-site']) {
          const { status } = await site.raw(
            line,
            { ...site.own(isUnsafe), 'sec-fetch-site': from },
            bodyOf(method),
          )
          assert.equal(status, 403, from)
        }
      })

      test('takes the token from a program', async () => {
        const headers = {
          host: site.host,
          authorization: `Bearer ${site.web.token}`,
          'content-type': 'application/json',
        }
        const { status } = await site.raw(line, headers, bodyOf(method))
        assert.ok(status < 500 && status !== 401 && status !== 403)
      })
    }

    if (isUnsafe) {
      test('refuses every Origin but its own', async () => {
        const { port } = site.web
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
          const { status } = await site.raw(line, { ...site.own(true), origin }, call)
          assert.equal(status, 403, `Origin '${origin}'`)
        }
        const { origin: _origin, ...without } = site.own(true)
        assert.equal((await site.raw(line, without, call)).status, 403, 'no Origin with a cookie')
        const foreign = {
          ...site.own(true),
          authorization: `Bearer ${site.web.token}`,
          origin: 'http://evil.test',
        }
        assert.equal((await site.raw(line, foreign, call)).status, 403, 'a foreign Origin with the token')
        assert.equal(called.length, before, 'nothing was called')
      })

      test('refuses a body that any site can send without asking', async () => {
        for (const type of [
          'text/plain',
          'application/x-www-form-urlencoded',
          'multipart/form-data; boundary=x',
          '',
        ]) {
          const { status } = await site.raw(line, { ...site.own(true), 'content-type': type }, call)
          assert.equal(status, 400, type)
        }
      })
    }

    test('every answer carries the security headers, refusals too', async () => {
      const answers = [
        await site.raw(line, site.own(isUnsafe), bodyOf(method)),
        await site.raw(line, { host: 'evil.test' }, bodyOf(method)),
        await site.raw(line.replace(/^\w+/, 'DELETE'), site.own(true)),
        await site.raw('GET /nothing HTTP/1.1', site.own(false)),
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
        const { status } = await site.raw(`${other} ${example} HTTP/1.1`, site.own(true), call)
        assert.ok([405, 404, 401, 400].includes(status), `${other} got ${status}`)
      }
    })
  })
}

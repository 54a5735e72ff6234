import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { temporaryFolder } from './fixture.ts'

/** The web shell as a user starts it. */
function startWeb(
  t: TestContext,
  home: string,
  ...args: string[]
): { child: ChildProcess; text: () => string; said: (what: RegExp) => Promise<void> } {
  const entry = join(import.meta.dirname, '..', '..', '..', 'main', 'web.ts')
  const child = spawn(process.execPath, [entry, '--no-open', ...args], {
    env: { ...process.env, MULTIGRAIN_HOME: home },
  })
  t.after(() => child.kill('SIGKILL'))
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', data => (text += String(data)))
  return {
    child,
    text: () => text,
    async said(what) {
      const endMs = performance.now() + 20_000
      while (!what.test(text)) {
        if (performance.now() > endMs || child.exitCode !== null)
          throw new Error(`Waited in vain for ${what} in: ${text}`)
        await new Promise(resolve => setTimeout(resolve, 20))
      }
    },
  }
}

test('it prints its address, a second start shows the first, and a signal ends it in order', async t => {
  const home = await temporaryFolder(t)
  const first = startWeb(t, home, '--port', '0')
  await first.said(/Press Ctrl-C/)
  const [url = ''] = /http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}/.exec(first.text()) ?? []
  assert.notEqual(url, '')
  const second = startWeb(t, home)
  const [code] = (await once(second.child, 'exit')) as [number]
  assert.equal(code, 0)
  assert.ok(second.text().includes(`running already (process ${first.child.pid}): ${url}`), second.text())
  first.child.kill('SIGTERM')
  const [ended] = (await once(first.child, 'exit')) as [number]
  assert.equal(ended, 0, first.text())
  assert.ok(!existsSync(join(home, 'host.json')) && !existsSync(join(home, 'store.sqlite-wal')))
})

test('an argument that is wrong ends it with one line', async t => {
  const web = startWeb(t, await temporaryFolder(t), '--host', '0.0.0.0')
  const [code] = (await once(web.child, 'exit')) as [number]
  assert.equal(code, 1)
  assert.match(web.text(), /^--host: the workbench listens on this machine only, got '0\.0\.0\.0'.*\n$/)
})

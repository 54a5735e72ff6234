import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { lockStore } from '../../../core/store/index.ts'
import { temporaryFolder } from './fixture.ts'

test('a second holder is refused, and told who holds the store and what to do', async t => {
  const path = join(await temporaryFolder(t), 'host.lock')
  const lock = lockStore(path, () => null)
  const holder = { pid: 4711, address: 'http://127.0.0.1:6460' }
  assert.throws(() => lockStore(path, () => holder), {
    code: 'store-in-use',
    message: /4711.*http:\/\/127\.0\.0\.1:6460.*MULTIGRAIN_HOME/,
  })
  assert.throws(() => lockStore(path, () => null), { code: 'store-in-use', message: /another process/ })
  lock.release()
  lockStore(path, () => null).release()
})

test('the lock of a process that was killed is free at once', async t => {
  const path = join(await temporaryFolder(t), 'host.lock')
  const module = new URL('../../../core/store/index.ts', import.meta.url).href
  const script = `
    import { lockStore } from ${JSON.stringify(module)}
    lockStore(${JSON.stringify(path)}, () => null)
    console.log('locked')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script])
  await once(child.stdout, 'data')
  assert.throws(() => lockStore(path, () => null), { code: 'store-in-use' })
  child.kill('SIGKILL')
  await once(child, 'exit')
  lockStore(path, () => null).release()
})

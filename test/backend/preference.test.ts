import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startBackend } from '../../core/backend/index.ts'
import { preferredBackend } from '../../core/backend/start.ts'

/** The backend that the user chose in the settings, for all that leaves it open. */

after(() => {
  delete process.env['MULTIGRAIN_BACKEND']
})

test('auto takes the chosen backend, and says why', async () => {
  process.env['MULTIGRAIN_BACKEND'] = 'cpu'
  const { name, reason } = await startBackend()
  assert.deepEqual([name, reason], ['cpu', 'cpu is chosen in the settings'])
  assert.equal((await startBackend('wasm')).name, 'wasm', 'what a configuration names stands')
})

test('a choice that there is not, or that cannot be had, gives way to the best', async () => {
  assert.equal(preferredBackend({ MULTIGRAIN_BACKEND: 'nonsense' }), null)
  assert.equal(preferredBackend({}), null)
  // One device of several is asked for, and this backend has one alone.
  process.env['MULTIGRAIN_BACKEND'] = 'cpu'
  const { name } = await startBackend('auto', ['float32'], 'cpu').catch(() => ({ name: 'none' }))
  assert.notEqual(name, 'cpu')
})

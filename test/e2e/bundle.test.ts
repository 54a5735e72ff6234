/** What a browser must fetch before the interface shows stays small. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstBundleBytes } from './fixtures/firstBundle.ts'
import { builtInterface } from './fixtures/browser.ts'

test('the first bundle is below 600 kB compressed', () => {
  const bytes = firstBundleBytes(builtInterface)
  assert.ok(bytes > 50_000 && bytes < 600_000, `${bytes} bytes`)
})

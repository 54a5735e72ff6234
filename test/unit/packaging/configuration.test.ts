import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { expectedFuses, fusesIn } from '../../packages/fuses.ts'

/** What packages are told to be; what they are is read back from them where they are built (test/packages). */

const root = join(import.meta.dirname, '..', '..', '..')
const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8')
const config = parse(read('electron-builder.yml')) as Record<string, unknown>

test('the fuses of a release are set as the tests of packages expect them', () => {
  const { resetAdHocDarwinSignature: _mac, ...fuses } = config['electronFuses'] as Record<string, boolean>
  assert.deepEqual(fuses, expectedFuses)
})

test('Electron is the version that the lock file has, code lies in an archive, and nothing is published', () => {
  const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, { version: string }> }
  assert.equal(config['electronVersion'], lock.packages['node_modules/electron']?.version)
  assert.equal(config['asar'], true)
  assert.equal(config['publish'], null)
  assert.match(read('main', 'packaging', 'index.ts'), /electron-builder@26\.17\.0/)
})

test('fuses are read from a program as the wire says', () => {
  const program = (wire: string, version = 1): Buffer =>
    Buffer.concat([
      Buffer.from('\u007fELF….dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX', 'latin1'),
      Buffer.from([version, wire.length]),
      Buffer.from(wire, 'latin1'),
    ])
  assert.deepEqual(fusesIn(program('01001100'), 'x'), expectedFuses)
  assert.equal(fusesIn(program('11001100'), 'x').runAsNode, true)
  assert.throws(() => fusesIn(program('01001100', 2), 'x'), /version 2/)
  assert.throws(() => fusesIn(Buffer.from('nothing'), 'x'), /not Electron/)
})

/** A data folder that cannot be used is told with its name and a way out. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { homeFolder } from '../../../main/paths.ts'

test('makes the data folder, for its user alone', t => {
  const place = mkdtempSync(join(tmpdir(), 'multigrain-paths-'))
  t.after(() => rmSync(place, { recursive: true }))
  const folders = homeFolder(join(place, 'a', 'b'))
  assert.equal(statSync(folders.runs).mode & 0o777, 0o700)
  assert.deepEqual(homeFolder(join(place, 'a', 'b')), folders)
})

test('names the folder, the reason and MULTIGRAIN_HOME when it cannot be made', t => {
  const place = mkdtempSync(join(tmpdir(), 'multigrain-paths-'))
  t.after(() => rmSync(place, { recursive: true }))
  writeFileSync(join(place, 'file'), '')
  const expectations: [string, RegExp][] = [
    [join(place, 'file'), /file cannot be used: .*something else is there already\. Set MULTIGRAIN_HOME/],
    [join(place, 'file', 'below'), /file: something else is there already\. Set MULTIGRAIN_HOME/],
  ]
  if (process.platform === 'linux')
    expectations.push(['/proc/nowhere', /The data folder \/proc\/nowhere cannot be used: .*MULTIGRAIN_HOME/])
  for (const [path, message] of expectations) {
    assert.throws(() => homeFolder(path), { code: 'data-unreadable', message })
  }
})

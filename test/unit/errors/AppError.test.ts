/** Errors of the system become ones that a person can act on. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { AppError } from '../../../core/errors/index.ts'

function thrownBy(work: () => unknown): AppError {
  try {
    work()
  } catch (thrown) {
    return AppError.from(thrown)
  }
  throw new Error('nothing was thrown')
}

test('a missing file, a folder in its place and a file in a path are named, each with its reason', t => {
  const folder = mkdtempSync(join(tmpdir(), 'multigrain-errors-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'file'), '')
  const missing = thrownBy(() => readFileSync(join(folder, 'absent')))
  assert.equal(missing.code, 'data-unreadable')
  assert.equal(missing.message, `${join(folder, 'absent')}: there is no such file or folder`)
  assert.match(thrownBy(() => mkdirSync(join(folder, 'file', 'below'))).message, /is a file and not a folder/)
  const again = thrownBy(() => mkdirSync(join(folder, 'file')))
  assert.deepEqual([again.code, again.details['errno']], ['data-unreadable', 'EEXIST'])
})

test('a context that names the path is not repeated, an error of ours stays as it is', () => {
  const full = Object.assign(new Error('ENOSPC: no space'), { code: 'ENOSPC', path: '/data/x' })
  assert.equal(
    AppError.from(full, 'saving /data/x').message,
    'saving /data/x: the disk is full. Free some space and try again',
  )
  assert.equal(AppError.from(full).code, 'disk-full')
  const own = new AppError('not-found', 'mine')
  assert.equal(AppError.from(own, 'somewhere'), own)
  assert.equal(AppError.from('text').code, 'internal')
})

/** What can be checked without running anything: types, lint, format, generated indexes. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { check, resolveConfig } from 'prettier'
import { staleIndexes } from '../core/registry/sync.ts'

const root = join(import.meta.dirname, '..')
const bin = (path: string): string => join(root, 'node_modules', path)

test('core, main, preload and test pass the type check', async () => {
  await succeeds(bin('typescript/bin/tsc'), ['-p', '.'])
})

test('the renderer passes the type check', async () => {
  await succeeds(bin('vue-tsc/bin/vue-tsc.js'), ['-p', 'renderer', '--noEmit'])
})

test('lint finds nothing', async () => {
  await succeeds(bin('eslint/bin/eslint.js'), ['.', '--max-warnings', '0'])
})

test('every file is formatted', async () => {
  const files = globSync(['{core,main,preload,renderer,test}/**/*.{ts,mjs,vue,css}', '*.{ts,js}'], {
    cwd: root,
  })
  const unformatted: string[] = []
  for (const file of files) {
    const path = join(root, file)
    const text = readFileSync(path, 'utf8')
    if (file.startsWith('test/fixtures') || text.startsWith('// Written by')) continue
    if (!(await check(text, { ...(await resolveConfig(path)), filepath: path }))) unformatted.push(file)
  }
  assert.deepEqual(unformatted, [], 'run: npm run format')
})

test('every generated index is up to date', () => {
  assert.deepEqual(staleIndexes(), [], 'run: npm run sync')
})

/** Runs a program of the toolchain; its output is the message of the failure. */
function succeeds(script: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [script, ...args],
      { cwd: root, maxBuffer: 64_000_000 },
      (error, stdout, stderr) => {
        if (error) reject(new Error(`${stdout}${stderr}` || error.message))
        else resolve()
      },
    )
  })
}

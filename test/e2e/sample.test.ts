/** The promise of the first page: the sample preset, from nothing to over 97 %, by one command; and its evaluation repeats the figure. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '..', '..')

test('the sample preset passes 97 % on wasm, and evaluating its checkpoint repeats the figure', async t => {
  const home = await mkdtemp(join(tmpdir(), 'multigrain-sample-'))
  t.after(() => rm(home, { recursive: true, force: true }))
  const trained = await multigrain(home, ['train', '--preset', 'sample', '--set', 'backend=wasm', '--json'])
  assert.equal(trained['ok'], true)
  assert.match(String(trained['runId']), /^r-/)
  assert.ok(Number(trained['top1']) >= 0.97, `top-1 ${String(trained['top1'])}`)

  const evaluated = await multigrain(home, ['evaluate', String(trained['checkpoint']), '--json'])
  assert.equal(evaluated['imageCount'], 1000)
  for (const name of ['top1', 'top5', 'loss']) assert.equal(evaluated[name], trained[name], name)
})

/** The object in the last line that a command prints. */
async function multigrain(home: string, args: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(root, 'core', 'cli', 'main.ts'), ...args],
    { env: { ...process.env, MULTIGRAIN_HOME: home } },
  )
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>
}

/**
 * The sample preset as a new user runs it: `node test/bench/sample.ts`. Fails below 97 % top-1, above three minutes, or when
 * evaluating the checkpoint gives another figure.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const leastTop1 = 0.97
const mostMs = 3 * 60_000

const home = mkdtempSync(join(tmpdir(), 'multigrain-sample-'))
const main = join(import.meta.dirname, '..', '..', 'core', 'cli', 'main.ts')

function multigrain(...args: string[]): Record<string, unknown> {
  const out = execFileSync(process.execPath, [main, ...args, '--json'], {
    env: { ...process.env, MULTIGRAIN_HOME: home },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return JSON.parse(out.trim().split('\n').at(-1) ?? '') as Record<string, unknown>
}

try {
  const startedAt = performance.now()
  const trained = multigrain('train', '--preset', 'sample')
  const wholeMs = Math.round(performance.now() - startedAt)
  const evaluated = multigrain('evaluate', String(trained['checkpoint']))
  const { top1, elapsedMs } = trained
  console.log(JSON.stringify({ top1, trainingMs: elapsedMs, wholeMs, evaluatedTop1: evaluated['top1'] }))
  const isGood = Number(top1) >= leastTop1 && Number(elapsedMs) < mostMs && evaluated['top1'] === top1
  process.exitCode = isGood ? 0 : 1
} finally {
  rmSync(home, { recursive: true, force: true })
}

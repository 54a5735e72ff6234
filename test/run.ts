/**
 * Runs test files, each in a process of its own, and closes with one line: `N passed, N failed, N skipped`.
 *
 * Most files run two at a time; those that kill programs or measure a page run alone. Arguments are
 * files, folders or glob patterns; without any, all tests run.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, statSync, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { TestResult } from './reporter.ts'

const root = join(import.meta.dirname, '..')
const fileLimitMs = 10 * 60_000
/** The longest of the pages' tests begins before the others, so that no processor waits for it at the end. */
const tiers = [
  ...['test/*.test.ts', 'test/unit', 'test/contract', 'test/backend', 'test/parity'],
  ...['test/crash/features.test.ts', 'test/e2e/sample.test.ts', 'test/e2e'],
]
const aloneTiers = ['test/crash', 'test/e2e/scale.test.ts']
/** Resumes from checkpoints in its own process, and kills nothing. */
const together = ['test/crash/features.test.ts']

interface FileOutcome {
  readonly file: string
  readonly results: readonly TestResult[]
  readonly elapsedMs: number
}

async function main(patterns: readonly string[]): Promise<number> {
  const files = findFiles(patterns)
  const scratch = mkdtempSync(join(tmpdir(), 'multigrain-test-'))
  const running = new Set<ChildProcess>()
  const stop = (): never => {
    for (const child of running) endGroup(child)
    rmSync(scratch, { recursive: true, force: true })
    process.exit(130)
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  const outcomes: FileOutcome[] = []
  const runOne = async (file: string): Promise<void> => {
    const outcome = await runFile(file, scratch, running)
    outcomes.push(outcome)
    print(outcome)
  }
  const isAlone = (file: string): boolean =>
    !together.includes(file) && aloneTiers.some(tier => file === tier || file.startsWith(`${tier}/`))
  await inParallel(
    2,
    files.filter(file => !isAlone(file)),
    runOne,
  )
  await inParallel(1, files.filter(isAlone), runOne)
  rmSync(scratch, { recursive: true, force: true })
  return summarise(outcomes)
}

/** Files below the given paths, in the order of the tiers. */
function findFiles(patterns: readonly string[]): string[] {
  const wanted = patterns.length === 0 ? [...tiers, ...aloneTiers] : patterns
  const found = wanted.flatMap(pattern => {
    const path = relative(root, join(root, relative(root, pattern)))
    const isFolder = existsSync(join(root, path)) && statSync(join(root, path)).isDirectory()
    return globSync(isFolder ? `${path}/**/*.test.ts` : path, { cwd: root }).sort()
  })
  return [...new Set(found.map(file => file.replaceAll('\\', '/')).filter(file => file.endsWith('.test.ts')))]
}

async function inParallel<T>(
  width: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items]
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: width }, worker))
}

function runFile(file: string, scratch: string, running: Set<ChildProcess>): Promise<FileOutcome> {
  const startedAt = performance.now()
  const home = mkdtempSync(join(scratch, 'file-'))
  const resultsPath = join(home, 'results.ndjson')
  const reporter = join(root, 'test', 'reporter.ts')
  const args = [`--test-reporter=${reporter}`, `--test-reporter-destination=${resultsPath}`, join(root, file)]
  // A test that forgets to name its data folder must not touch the user's.
  const env = {
    ...process.env,
    MULTIGRAIN_HOME: join(home, 'data'),
    MULTIGRAIN_TEST_SHARED: scratch,
    NODE_NO_WARNINGS: '1',
  }
  const child = spawn(process.execPath, args, {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  })
  running.add(child)
  return new Promise(resolve => {
    let output = ''
    let isOverdue = false
    const timer = setTimeout(() => {
      isOverdue = true
      endGroup(child)
    }, fileLimitMs)
    const take = (bytes: Buffer): void => void (output = (output + bytes.toString()).slice(-20_000))
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.on('exit', (code, signal) => {
      clearTimeout(timer)
      running.delete(child)
      // What a test left running goes with it; its last words may still be on the way.
      endGroup(child)
      setTimeout(() => finish(code, signal), 50)
    })
    const finish = (code: number | null, signal: string | null): void => {
      const results = readResults(resultsPath)
      const trouble = isOverdue
        ? `took longer than ${fileLimitMs / 60_000} min and was ended`
        : troubleOf(results, code, signal)
      const elapsedMs = performance.now() - startedAt
      const all =
        trouble === null
          ? results
          : [
              ...results,
              { name: file, outcome: 'failed' as const, elapsedMs, detail: `${trouble}\n${output}` },
            ]
      resolve({ file, results: all, elapsedMs })
    }
  })
}

/** What is wrong with a file beyond its failed tests. */
function troubleOf(
  results: readonly TestResult[],
  code: number | null,
  signal: string | null,
): string | null {
  if (results.some(result => result.outcome === 'failed')) return null
  if (signal !== null) return `was ended by ${signal}`
  if (code !== 0) return `ended with exit code ${code}`
  return results.length === 0 ? 'holds no tests' : null
}

function readResults(path: string): TestResult[] {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.filter(line => line.endsWith('}')).map(line => JSON.parse(line) as TestResult)
}

function print({ file, results, elapsedMs }: FileOutcome): void {
  const failed = results.filter(result => result.outcome === 'failed')
  const skipped = results.filter(result => result.outcome === 'skipped')
  const seconds = (elapsedMs / 1000).toFixed(1)
  const counts = [
    `${count(results, 'passed')} passed`,
    failed.length > 0 && `${failed.length} failed`,
    skipped.length > 0 && `${skipped.length} skipped`,
  ]
  console.log(`${failed.length > 0 ? '✖' : '✔'} ${file}: ${counts.filter(Boolean).join(', ')} (${seconds} s)`)
  for (const result of skipped)
    console.log(`    skipped: ${result.name}${result.detail === '' ? '' : ` (${result.detail})`}`)
  for (const result of failed) console.log(`  ✖ ${result.name}\n${indent(result.detail)}`)
}

function summarise(outcomes: readonly FileOutcome[]): number {
  const results = outcomes.flatMap(outcome => outcome.results)
  const failed = count(results, 'failed')
  if (failed > 0) {
    console.log('\nFailed:')
    for (const { file, results: own } of outcomes) {
      for (const result of own) if (result.outcome === 'failed') console.log(`  ${file}: ${result.name}`)
    }
  }
  if (results.length === 0) console.log('No test was found')
  console.log(`${count(results, 'passed')} passed, ${failed} failed, ${count(results, 'skipped')} skipped`)
  return failed > 0 || results.length === 0 ? 1 : 0
}

function count(results: readonly TestResult[], outcome: TestResult['outcome']): number {
  return results.filter(result => result.outcome === outcome).length
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ')
}

function endGroup(child: ChildProcess): void {
  try {
    if (child.pid === undefined) return
    if (process.platform === 'win32') child.kill('SIGKILL')
    else process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Nothing of it is left.
  }
}

process.exitCode = await main(process.argv.slice(2))

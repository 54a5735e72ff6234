/**
 * Runs a bundle of tfjs-core's test suite in a process of its own, as jasmine's functions are global and a crash of
 * native code must fail one test file only.
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** How one spec ended. */
export interface SpecResult {
  /** Names of its suites and its own, joined; not unique in tfjs-core. */
  readonly name: string
  readonly status: 'passed' | 'failed' | 'pending' | 'excluded'
  /** What failed, one message per expectation. */
  readonly failures: readonly string[]
}

export interface RunOptions {
  readonly bundle: string
  /** Where the results are written, one JSON object per line. */
  readonly resultsPath: string
  /** Every kernel throws. */
  readonly breakKernels?: boolean
  /** More variables of the environment. */
  readonly env?: Readonly<Record<string, string>>
}

/** @throws Error with the child's last words when it does not come to the end of the suite. */
export async function runSuite(options: RunOptions): Promise<SpecResult[]> {
  const { bundle, resultsPath, breakKernels = false } = options
  const env = { ...process.env, ...options.env, CONFORMANCE_BREAK_KERNELS: String(breakKernels) }
  const args = [join(import.meta.dirname, 'suiteProcess.ts'), bundle, resultsPath]
  const limits = { timeout: 300_000, maxBuffer: 64_000_000 }
  await new Promise<void>((resolve, reject) => {
    execFile(process.execPath, args, { env, ...limits }, (error, stdout, stderr) => {
      if (error === null) return resolve()
      const ended = error.signal ? `was ended by ${error.signal}` : `ended with ${String(error.code)}`
      reject(new Error(`The test suite ${ended}:\n${`${stdout}${stderr}`.slice(-4000)}`))
    })
  })
  const lines = readFileSync(resultsPath, 'utf8').split('\n')
  return lines.filter(line => line !== '').map(line => JSON.parse(line) as SpecResult)
}

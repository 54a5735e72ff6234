/**
 * Node's test events as lines of JSON, one per finished test: what a test file's process writes down and `test/run.ts` reads back.
 * Given to Node as `--test-reporter`.
 */
import { inspect } from 'node:util'

/** One finished test. Suites and files are left out, as they count nothing. */
export interface TestResult {
  /** Names of the suites around it, then its own. */
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly elapsedMs: number
  /** Of a failed test: message, difference and stack. Of a skipped one: the reason. */
  readonly detail: string
}

interface TestEvent {
  readonly type: string
  readonly data: {
    readonly name?: string
    readonly nesting?: number
    readonly skip?: boolean | string
    readonly todo?: boolean | string
    readonly details?: {
      readonly duration_ms?: number
      readonly type?: string
      readonly error?: { readonly cause?: unknown; readonly failureType?: string; readonly message?: string }
    }
  }
}

/** Reporters are named by Node as a module's default export. */
export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const around: string[] = []
  for await (const event of source) {
    const { name = '', nesting = 0 } = event.data
    if (event.type === 'test:start') {
      around.length = nesting
      around[nesting] = name
    }
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue
    const path = [...around.slice(0, nesting), name].join(' › ')
    const result = resultOf(event, path)
    if (result !== null) yield `${JSON.stringify(result)}\n`
  }
}

function resultOf({ type, data }: TestEvent, name: string): TestResult | null {
  const { error, duration_ms: elapsedMs = 0 } = data.details ?? {}
  const isSkipped = data.skip !== undefined && data.skip !== false
  const isTodo = data.todo !== undefined && data.todo !== false
  if (isSkipped || isTodo) {
    const why = [data.skip, data.todo].find(reason => typeof reason === 'string')
    return { name, outcome: 'skipped', elapsedMs, detail: typeof why === 'string' ? why : '' }
  }
  if (type === 'test:pass') {
    return data.details?.type === 'suite' ? null : { name, outcome: 'passed', elapsedMs, detail: '' }
  }
  // A parent fails because its subtests did: they are told, it is not.
  if (error?.failureType === 'subtestsFailed') return null
  return { name, outcome: 'failed', elapsedMs, detail: describe(error?.cause ?? error) }
}

function describe(thrown: unknown): string {
  return inspect(thrown, { depth: 6, maxArrayLength: 40, maxStringLength: 4000, breakLength: 110 })
}

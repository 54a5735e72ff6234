/** The process that runs a bundled test suite: `suiteProcess.ts BUNDLE RESULTS`. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { SpecResult } from './runSuite.ts'

interface Jasmine {
  getEnv(): JasmineEnv
}
interface JasmineEnv {
  configure(options: { random: boolean }): void
  addReporter(reporter: object): void
  execute(): void
}
interface JasmineSpec {
  readonly fullName: string
  readonly status: SpecResult['status']
  readonly failedExpectations: readonly { readonly message: string; readonly stack?: string }[]
}

const [bundle = '', resultsPath = ''] = process.argv.slice(2)
const jasmineCore = createRequire(import.meta.url)('jasmine-core') as { boot(core: object): Jasmine }
const env = jasmineCore.boot(jasmineCore).getEnv()
await import(pathToFileURL(bundle).href)

const results = openSync(resultsPath, 'w')
await new Promise<void>((resolve, reject) => {
  env.configure({ random: false })
  env.addReporter({
    specStarted: ({ fullName }: JasmineSpec) => {
      if (process.env.CONFORMANCE_TRACE === 'true') console.error(fullName)
    },
    specDone: ({ fullName: name, status, failedExpectations }: JasmineSpec) => {
      const failures = failedExpectations.map(({ message, stack = '' }) => `${message}\n${stack}`)
      writeSync(results, `${JSON.stringify({ name, status, failures } satisfies SpecResult)}\n`)
    },
    // A failure outside a spec, as in a suite's set-up.
    suiteDone: ({ failedExpectations }: JasmineSpec) => {
      if (failedExpectations.length > 0) reject(new Error(failedExpectations[0]!.message))
    },
    jasmineDone: resolve,
  })
  env.execute()
})
closeSync(results)
process.exit(0)

/** The backend `torch` under tfjs-core's own test suite: 4,232 specs, which tfjs's cpu backend passes. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { getKernelsForBackend } from '@tensorflow/tfjs-core'
import { registerTorchKernels } from '../../core/backend/torch/register.ts'
import { bundleSuite } from './conformance/bundle.ts'
import { exclusions, protectedSpecs } from './conformance/exclusions.ts'
import { runSuite } from './conformance/runSuite.ts'
import type { SpecResult } from './conformance/runSuite.ts'
import { withoutTorch } from './torchAddon.ts'

const specCount = 4230
/** Of all specs, how many tell something about a backend; below this, the suite is not what it was. */
const leastTelling = 2700
const mostExcludedShare = 0.03
const torchModule = './test/backend/conformance/torchModule.ts'

describe('tfjs-core’s test suite', { skip: withoutTorch }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'))
  const bundle = join(folder, 'suite.mjs')
  let modules: string[] = []
  let results: SpecResult[] = []
  before(async () => {
    modules = await bundleSuite({ backend: 'torch', module: torchModule }, bundle)
    results = await runSuite({ bundle, resultsPath: join(folder, 'results.ndjson') })
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  test('passes on torch', () => {
    assert.ok(results.length >= specCount, `expected ${specCount} specs, ran ${results.length}`)
    assert.deepEqual(unexpected(results), [])
  })

  test('passes on torch with compositions of libtorch’s operators in place of our own code', async () => {
    const resultsPath = join(folder, 'composed.ndjson')
    const composed = await runSuite({ bundle, resultsPath, env: { MULTIGRAIN_TORCH_COMPOSITION: '1' } })
    assert.deepEqual(unexpected(composed), [])
  })

  test('has few exclusions, each with a reason and none that passes or is not there', async () => {
    const resultsPath = join(folder, 'broken.ndjson')
    const broken = await runSuite({ bundle, resultsPath, breakKernels: true })
    const telling = failed(broken).length
    assert.ok(telling >= leastTelling, `only ${telling} specs fail when every kernel throws`)
    const share = exclusions.length / telling
    assert.ok(share <= mostExcludedShare, `${exclusions.length} of ${telling} specs are excluded`)
    const failing = new Set(failed(results).map(spec => plainName(spec.name)))
    for (const [spec, reason] of exclusions) {
      assert.ok(failing.has(spec), `'${spec}' is excluded, but does not fail`)
      assert.ok(reason.length > 10, `'${spec}' is excluded without a reason`)
      assert.doesNotMatch(spec, protectedSpecs, `'${spec}' may not be excluded`)
    }
  })

  test('runs on no other backend', () => {
    const others = modules.filter(path => /tfjs-backend|tfjs-node/.test(path))
    assert.deepEqual(others, [])
    assert.ok(modules.some(path => path.endsWith('core/backend/torch/backend.ts')))
  })
})

test('torch has every kernel that tfjs’s cpu backend has', async () => {
  await import('@tensorflow/tfjs-backend-cpu')
  registerTorchKernels()
  const names = (backend: string): string[] =>
    getKernelsForBackend(backend).map(({ kernelName }) => kernelName)
  const own = new Set(names('torch'))
  const missing = names('cpu').filter(name => !own.has(name))
  // It draws on a canvas of a browser.
  assert.deepEqual(missing, ['Draw'])
})

/** Failures that no exclusion covers, with their first messages. */
function unexpected(results: readonly SpecResult[]): string[] {
  const excluded = new Set(exclusions.map(([spec]) => spec))
  return failed(results)
    .filter(({ name }) => !excluded.has(plainName(name)))
    .map(({ name, failures }) => `${name}: ${failures[0]?.split('\n')[0] ?? ''}`)
}

function failed(results: readonly SpecResult[]): SpecResult[] {
  return results.filter(({ status }) => status === 'failed')
}

/** Without the name and flags of the test environment. */
function plainName(name: string): string {
  return name.replace(/ torch \{\}/, '')
}

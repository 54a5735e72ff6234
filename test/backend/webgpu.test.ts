/**
 * WebGPU without a GPU: Dawn on SwiftShader, the Vulkan driver in software that Debian's Chromium brings along with a Vulkan
 * loader. It runs in a child process, as both must be in the environment before a process starts.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import type { BackendInspection } from '../../core/backend/index.ts'

const chromiumFolder = '/usr/lib/chromium'
const driver = join(chromiumFolder, 'vk_swiftshader_icd.json')
const script = `
  import { inspectBackends, startBackend } from ${JSON.stringify(new URL('../../core/backend/index.ts', import.meta.url))}
  const report = await inspectBackends({ measure: false })
  const started = await startBackend('webgpu')
  console.log(JSON.stringify({ report, started }))`

test('webgpu computes every kernel as plain JavaScript does, and auto leaves a software driver alone', async () => {
  assert.ok(existsSync(driver), `${driver} is missing. Install Chromium: apt-get install chromium`)
  const { report, started } = await examine({ VK_ICD_FILENAMES: driver, LD_LIBRARY_PATH: chromiumFolder })
  const webgpu = report.backends.find(each => each.name === 'webgpu')!
  assert.equal(webgpu.available, true, webgpu.detail)
  assert.match(webgpu.device, /SwiftShader/)
  assert.deepEqual(webgpu.selfTest?.failed, [])
  assert.ok(webgpu.selfTest!.kernels >= 36)
  assert.notEqual(report.chosen, 'webgpu')
  assert.equal(started?.name, 'webgpu')
})

test('without a Vulkan driver, webgpu says what is missing and what to install', async () => {
  const failure = await examine({
    VK_ICD_FILENAMES: '/nowhere.json',
    VK_DRIVER_FILES: '/nowhere.json',
  }).catch((error: Error) => error)
  assert.ok(failure instanceof Error)
  assert.match(
    failure.message,
    /Backend 'webgpu' is not available: No GPU .* was found\. Install the Vulkan driver/,
  )
})

async function examine(
  environment: Record<string, string>,
): Promise<{ report: BackendInspection; started?: { name: string } }> {
  const args = ['--input-type=module', '--eval', script]
  const env = { ...process.env, ...environment }
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, timeout: 60_000 })
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as {
    report: BackendInspection
    started?: { name: string }
  }
}

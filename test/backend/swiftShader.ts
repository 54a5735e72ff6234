/**
 * WebGPU without a GPU: Dawn on SwiftShader, the Vulkan driver in software that Debian's Chromium brings along with a Vulkan
 * loader. It runs in a child process, as both must be in the environment before a process starts.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const chromiumFolder = '/usr/lib/chromium'
const driver = join(chromiumFolder, 'vk_swiftshader_icd.json')

/** Runs a script that may import the workbench's and the tests' modules by paths from this folder. @returns what it printed. */
export async function onSwiftShader(script: string): Promise<{ stdout: string; stderr: string }> {
  assert.ok(existsSync(driver), `${driver} is missing. Install Chromium: apt-get install chromium`)
  return runScript(script, {
    VK_ICD_FILENAMES: driver,
    LD_LIBRARY_PATH: chromiumFolder,
    // Layers that drivers bring along, such as Mesa's, complain about machines without a screen.
    VK_LOADER_LAYERS_DISABLE: '~implicit~',
    NODEVICE_SELECT: '1',
  })
}

/** The same in another environment. */
export async function runScript(
  script: string,
  environment: Readonly<Record<string, string>>,
): Promise<{ stdout: string; stderr: string }> {
  const resolved = script.replace(/(?<=from ')\.[^']*/g, path => new URL(path, import.meta.url).href)
  const args = ['--input-type=module', '--eval', resolved]
  const env = { ...process.env, ...environment }
  return promisify(execFile)(process.execPath, args, { env, timeout: 120_000, cwd: import.meta.dirname })
}

/** The last line that a script printed, as JSON. */
export function lastValue({ stdout }: { readonly stdout: string }): unknown {
  return JSON.parse(stdout.trim().split('\n').at(-1)!)
}

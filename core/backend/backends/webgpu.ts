/** tfjs's WebGPU backend on Dawn (npm `webgpu`): any GPU with a Vulkan, Metal or Direct3D 12 driver, no CUDA. */
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { engine } from '@tensorflow/tfjs-core'
import { AppError } from '../../errors/index.ts'
import type { BackendEntry, Probe } from './shared/backend.ts'
import { raiseGpuErrors } from './shared/gpu-errors.ts'
import type { GpuBackend, GpuErrors } from './shared/gpu-errors.ts'

export const webgpu: BackendEntry = {
  name: 'webgpu',
  summary: 'WebGPU: any GPU with a Vulkan, Metal or Direct3D 12 driver',
  probe: () => (probed ??= probe()),
  load,
  prepare: () => {
    errors ??= raiseGpuErrors(engine().backend as unknown as GpuBackend)
    errors.reset()
  },
}

let errors: GpuErrors | undefined
const probeTimeoutMs = 20_000
let probed: Promise<Probe> | undefined
let loaded: Promise<void> | undefined

/** Asks a child process, as a broken GPU driver takes its process down and Dawn prints to stderr. */
async function probe(): Promise<Probe> {
  const module = dawnUrl()
  if (module === null) return unavailable("The package 'webgpu' is not installed", 'Run: npm install')
  const script = `import { create } from ${JSON.stringify(module)}
    const adapter = await create([]).requestAdapter({ powerPreference: 'high-performance' })
    const { vendor, architecture, description, isFallbackAdapter } = adapter?.info ?? {}
    console.log(JSON.stringify(adapter && { vendor, architecture, description, isFallbackAdapter }))`
  const { stdout, failure } = await runScript(script)
  if (failure !== null) return unavailable(failure, driverRemedy())
  const info = JSON.parse(stdout) as AdapterInfo | null
  if (info === null)
    return unavailable('No GPU with a Vulkan, Metal or Direct3D 12 driver was found', driverRemedy())
  const device = info.description || `${info.vendor} ${info.architecture}`.trim() || 'GPU'
  if (isSoftware(info))
    return { available: true, kind: 'software-gpu', device, detail: 'A GPU driver in software, very slow' }
  return { available: true, kind: 'gpu', device, detail: 'WebGPU through Dawn' }
}

interface AdapterInfo {
  readonly vendor: string
  readonly architecture: string
  readonly description: string
  readonly isFallbackAdapter?: boolean
}

function load(): Promise<void> {
  return (loaded ??= loadOnce())
}

async function loadOnce(): Promise<void> {
  const module = dawnUrl()
  if (module === null) {
    const remedy = 'Run: npm install'
    const message = `Backend 'webgpu': the package 'webgpu' is not installed. ${remedy}`
    throw new AppError('backend-unavailable', message, { backend: 'webgpu', remedy })
  }
  const { create, globals } = (await import(module)) as DawnModule
  Object.assign(globalThis, globals)
  Object.defineProperty(globalThis.navigator, 'gpu', { value: create([]), configurable: true })
  await import('@tensorflow/tfjs-backend-webgpu')
}

interface DawnModule {
  create(flags: string[]): GPU
  readonly globals: object
}

function dawnUrl(): string | null {
  try {
    return pathToFileURL(createRequire(import.meta.url).resolve('webgpu')).href
  } catch {
    return null
  }
}

function runScript(script: string): Promise<{ stdout: string; failure: string | null }> {
  const args = ['--input-type=module', '--eval', script]
  return new Promise(resolve => {
    execFile(process.execPath, args, { timeout: probeTimeoutMs }, (error, stdout, stderr) => {
      if (error === null) return resolve({ stdout, failure: null })
      const ended = error.signal ? `was ended by ${error.signal}` : `ended with ${String(error.code)}`
      const lastLine = stderr.trim().split('\n').at(-1) ?? ''
      resolve({ stdout, failure: `Looking for a GPU ${ended}: ${lastLine}` })
    })
  })
}

/** SwiftShader and Mesa's llvmpipe compute on the processor. */
function isSoftware(info: AdapterInfo): boolean {
  return (
    info.isFallbackAdapter === true ||
    /swiftshader|llvmpipe|software|basic render/i.test(JSON.stringify(info))
  )
}

function driverRemedy(): string {
  if (process.platform !== 'linux') return 'Install the current driver of your GPU'
  return 'Install the Vulkan driver of your GPU and the Vulkan loader (Debian: libvulkan1 and mesa-vulkan-drivers, or the driver of NVIDIA)'
}

function unavailable(detail: string, remedy: string): Probe {
  return { available: false, detail, remedy }
}

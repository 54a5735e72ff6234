/**
 * Proves on a machine with a GPU what cannot be run without: `npm run verify:gpu`. Prints a line per check and exits with 1 when one
 * fails, or when there is no GPU.
 *
 * --only parity,memory   checks to run; all by default
 * --device cuda:1        another GPU; `cpu` runs the checks on the processor, which says nothing of a GPU
 * --quick                a tiny network for speed and memory
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findAddon, loadAddon } from '../../core/backend/torch/load.ts'
import type { DeviceFacts } from '../../core/backend/torch/binding.ts'
import { refreshNative } from '../../main/setup/native.mjs'
import { resnet50Setting } from '../bench/stepSetting.ts'
import { checks, onGpu, type Check, type Place } from './checks.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    device: { type: 'string', default: 'cuda:0' },
    quick: { type: 'boolean', default: false },
  },
})

/** What there is to compute on; a sentence when the device is not among it. */
function findDevice(): { readonly chosen: DeviceFacts; readonly gpuCount: number } | string {
  const found = findAddon()
  if (found.addon === null) return `${found.detail}. ${found.remedy}`
  const { version, origin, cuda } = found.addon.libtorch
  const library = `libtorch ${version} (${origin})`
  const devices = loadAddon().devices()
  const chosen = devices.find(({ name }) => name === values.device)
  if (chosen) return { chosen, gpuCount: devices.length - 1 }
  if (!cuda)
    return `${library} has no CUDA. Install a PyTorch with CUDA for the Python on your PATH, then: npm run -s multigrain -- setup native`
  return `${library} sees no ${values.device}, only ${devices.map(({ name }) => name).join(', ')}. Check nvidia-smi and CUDA_VISIBLE_DEVICES`
}

async function attempt({ name, what, run }: Check, place: Place): Promise<boolean> {
  const startedMs = performance.now()
  const told = (mark: string, found: string): void => {
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(0)
    console.log(`${mark} ${name.padEnd(18)} ${seconds.padStart(5)} s  ${found}`)
  }
  try {
    told('pass', `${await run(place)} (${what})`)
    return true
  } catch (error) {
    told('FAIL', error instanceof Error ? error.message : String(error))
    return false
  }
}

async function main(): Promise<number> {
  const wanted = values.only?.split(',')
  const known = checks.map(({ name }) => name)
  const unknown = wanted?.find(name => !known.includes(name))
  if (unknown !== undefined) throw new Error(`--only: no check '${unknown}'. Known: ${known.join(', ')}`)
  await refreshNative(join(import.meta.dirname, '..', '..'))
  const found = findDevice()
  if (typeof found === 'string') {
    console.log(`verify:gpu needs an NVIDIA GPU and a libtorch with CUDA: ${found}`)
    return 1
  }
  const { chosen, gpuCount } = found
  const { title, capability, totalBytes } = chosen
  const facts =
    totalBytes < 0 ? '' : `: ${title}, capability ${capability}, ${(totalBytes / 1e9).toFixed(1)} GB`
  console.log(`${chosen.name}${facts}; ${gpuCount} GPUs`)
  const tiny = { ...resnet50Setting, model: 'resnet18', size: 32, batch: 4 }
  const size = values.quick ? { setting: tiny, steps: 3, pairs: 1 } : onGpu
  const place = { device: chosen.name, gpuCount, ...size }
  let failures = 0
  for (const check of checks.filter(({ name }) => wanted?.includes(name) ?? true))
    if (!(await attempt(check, place))) failures++
  console.log(failures === 0 ? `${chosen.name} passes` : `${failures} of the checks failed on ${chosen.name}`)
  return failures === 0 ? 0 : 1
}

process.exitCode = await main()

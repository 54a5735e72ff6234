/** What a device must pass, in the order in which it is tried: `npm run verify:gpu` on a GPU, and for its own test the processor. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { findPyTorch } from '../bench/python.ts'
import { short } from '../bench/statistics.ts'
import { compareSteps, type StepsOptions } from '../bench/steps.ts'
import { resnet50Setting, type Setting } from '../bench/stepSetting.ts'
import { checkMemory } from './memory.ts'

export interface Place {
  /** `cuda:0`, or `cpu` in the test of these checks. */
  readonly device: string
  readonly gpuCount: number
  /** The network and batch of speed and memory. */
  readonly setting: Setting
  readonly steps: number
  readonly pairs: number
}

export interface Check {
  readonly name: string
  readonly what: string
  /** @returns what was found. @throws Error why it failed. */
  run(place: Place): Promise<string>
}

/** Batch and turns of a GPU. */
export const onGpu = { setting: { ...resnet50Setting, batch: 64 }, steps: 20, pairs: 7 } as const

/** PyTorch's time to ours, below which a device counts as not used well. */
const leastRatio = 1

const root = join(import.meta.dirname, '..', '..')

export const checks: readonly Check[] = [
  {
    name: 'conformance',
    what: "tfjs-core's own test suite, also with nothing but compositions",
    run: tests('test/backend/conformance.test.ts'),
  },
  {
    name: 'kernels',
    what: 'fused kernels and convolutions against references; storage, leaks, devices',
    run: tests('test/backend/fusedTorch.test.ts', 'test/backend/torch*.test.ts'),
  },
  {
    name: 'parity',
    what: 'every layer, ResNet-50 in evaluation and five training steps, against PyTorch in float64',
    run: tests('test/parity/layers.test.ts', 'test/parity/resnet50-*.test.ts'),
  },
  {
    name: 'precision',
    what: 'bf16 and fp16 at every level against PyTorch; whole runs, stopped and resumed',
    run: tests('test/backend/precision*.test.ts'),
  },
  {
    name: 'memory',
    what: 'flat over many steps; too much of it is an error that leaves all else alone',
    run: checkMemory,
  },
  ...['train.fp32', 'train.bf16', 'train.fp16', 'infer.bf16'].map(name => ({
    name: `speed ${name}`,
    what: "ResNet-50 beside this machine's PyTorch",
    run: (place: Place) => compareSpeed(name, place),
  })),
  {
    name: 'ranks',
    what: 'the sum over two GPUs and a training on both',
    run: place =>
      place.gpuCount < 2
        ? Promise.resolve('left out: one GPU')
        : tests('test/backend/collective.test.ts', 'test/crash/ranks.test.ts')(place),
  },
]

/** Test files on the device; what they skip has not been shown. */
function tests(...files: string[]): Check['run'] {
  return async ({ device }) => {
    const env = { ...process.env, CI: 'true', MULTIGRAIN_DEVICE: device, PARITY_BACKEND: 'torch' }
    const args = [join(root, 'test', 'run.ts'), ...files]
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8' })
    const lines = stdout.trim().split('\n')
    if (status === 0) return lines.at(-1) ?? ''
    const failed = lines.slice(lines.findIndex(line => line.startsWith('Failed:')) + 1, -1)
    throw new Error([lines.at(-1), ...failed.slice(0, 20)].join('\n'))
  }
}

async function compareSpeed(name: string, place: Place): Promise<string> {
  const [mode, precision] = name.split('.') as [StepsOptions['mode'], StepsOptions['precision']]
  const { device, setting, steps: stepsPerTurn, pairs } = place
  const python = findPyTorch()
  if (python === null)
    throw new Error('no Python with torch and torchvision to compare with (BENCH_PYTHON names one)')
  const options = { setting, mode, precision, device, backend: 'torch', pairs, stepsPerTurn, python }
  const { ours, pytorch, ratio, way, problems } = await compareSteps(options)
  const found = `${short(ratio!.median)} times PyTorch (${way}): ${short(ours.ms.median)} ms, ${short(pytorch!.ms.median)} ms`
  if (problems.length > 0) throw new Error(`${found}; ${problems.join('; ')}`)
  if (ratio!.median < leastRatio) throw new Error(`${found}; expected at least ${leastRatio}`)
  return found
}

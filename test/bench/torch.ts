/**
 * Training and inference of a network, ResNet-50 unless told, ours beside PyTorch's: `node test/bench/torch.ts`.
 *
 * --only train.bf16,train.fp32,infer.bf16   what to measure
 * --pairs 7 --steps 1                       turns of each side, and steps of a turn
 * --batch 16 --size 224 --model resnet50    or resnet152, multigrain; inception-v4 with --size 299
 * --backend torch --device cpu
 * --way autocast+foreach                    PyTorch's way to compute instead of the fastest
 * --alone                                   ours without PyTorch
 * --profile                                 time of each of our kernels instead
 */
import { parseArgs } from 'node:util'
import { describeSteps } from './describe.ts'
import { printProfile, type Profile } from './profile.ts'
import { findPyTorch } from './python.ts'
import { withScratch } from './scratch.ts'
import { openOurs } from './side.ts'
import { compareSteps, type StepsOptions } from './steps.ts'
import { comparable, resnet50Setting, writeSetting } from './stepSetting.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'train.bf16,train.fp32,infer.bf16' },
    pairs: { type: 'string', default: '7' },
    steps: { type: 'string', default: '1' },
    batch: { type: 'string', default: '16' },
    size: { type: 'string', default: '224' },
    model: { type: 'string', default: 'resnet50' },
    backend: { type: 'string', default: 'torch' },
    device: { type: 'string', default: 'cpu' },
    way: { type: 'string' },
    alone: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
})
const setting = {
  ...resnet50Setting,
  model: values.model,
  batch: Number(values.batch),
  size: Number(values.size),
  options: comparable[values.model] ?? {},
}

async function profile(mode: 'train' | 'infer', precision: string): Promise<void> {
  const ours = openOurs('oursSteps.ts')
  await withScratch(async folder => {
    writeSetting(folder, setting)
    const { backend, device } = values
    await ours.ask('prepare', { folder, mode, backend, device, precision })
    console.log(`${mode} ${values.model} ${precision}, batch ${values.batch}, ${values.size}²`)
    printProfile(await ours.ask<Profile>('profile', { count: Number(values.steps) }))
  }).finally(() => ours.close())
}

async function main(): Promise<void> {
  const python = values.alone || values.profile ? null : findPyTorch()
  if (python === null && !values.alone && !values.profile)
    console.log('No Python with torch and torchvision here (BENCH_PYTHON names one): ours alone')
  for (const name of values.only.split(',')) {
    const [mode, precision] = name.split('.') as [StepsOptions['mode'], StepsOptions['precision']]
    if (values.profile) {
      await profile(mode, precision)
      continue
    }
    const { backend, device } = values
    const outcome = await compareSteps({
      ...{ setting, mode, precision, device, backend, python, way: values.way },
      pairs: Number(values.pairs),
      stepsPerTurn: Number(values.steps),
    })
    console.log(describeSteps(name, outcome))
    if (outcome.problems.length > 0) process.exitCode = 1
  }
}

if (import.meta.main) await main()

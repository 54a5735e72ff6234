/**
 * Everything that is measured: `npm run bench`. Prints a table and, as its last line, one line of JSON with the ratios of ours to
 * PyTorch's (`train.resnet50.bf16.ratio` and so on; above 1 ours is faster). A process that measures sleeps while another does.
 *
 * --only steps,layers,jpeg,tfrecord,ranks,dispatch,scripts   parts to run; all by default
 * --pairs 7          turns of each side
 * --images FOLDER    photographs for the loader; made ones by default
 * --device cpu
 */
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { describeSteps, figuresOf } from './describe.ts'
import { addonCosts, engineCosts } from './dispatch.ts'
import { benchJpeg } from './jpeg.ts'
import { compareLayers, printLayers } from './layers.ts'
import { makePhotographs } from './photographs.ts'
import { findPyTorch, versionsOf } from './python.ts'
import { describeRanks, measureTwoRanks, twoRanks } from './ranks.ts'
import { short } from './statistics.ts'
import { compareSteps, type StepsOptions } from './steps.ts'
import { resnet50Setting } from './stepSetting.ts'
import { benchTfrecord } from './tfrecord.ts'

type Figures = Record<string, unknown>

const parts = { steps, layers, jpeg, tfrecord, ranks, dispatch, scripts }
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(parts).join() },
    pairs: { type: 'string', default: '7' },
    images: { type: 'string' },
    device: { type: 'string', default: 'cpu' },
  },
})
const pairs = Number(values.pairs)
const { device } = values
const python = findPyTorch()

/** Whole steps of training and inference. */
async function steps(): Promise<Figures> {
  const figures: Figures = {}
  for (const name of ['train.bf16', 'train.fp32', 'infer.bf16']) {
    const [mode, precision] = name.split('.') as [StepsOptions['mode'], StepsOptions['precision']]
    const options = { setting: resnet50Setting, mode, precision, device, python, pairs }
    const outcome = await compareSteps({
      ...options,
      backend: 'torch',
      stepsPerTurn: device === 'cpu' ? 1 : 20,
    })
    console.log(describeSteps(name, outcome))
    Object.assign(figures, figuresOf(name, outcome))
    if (outcome.problems.length > 0) process.exitCode = 1
  }
  return figures
}

async function layers(): Promise<Figures> {
  const { model, batch, size } = resnet50Setting
  const setting = { model, batch, size, backend: 'torch', device, python, budgetMs: 100 }
  printLayers(await compareLayers({ ...setting, precision: 'bf16' }))
  return {}
}

async function jpeg(): Promise<Figures> {
  const images = values.images ?? (await makePhotographs())
  try {
    const { rows, keys } = await benchJpeg({ images, pairs })
    console.log(`${values.images ?? 'made photographs'}\n${rows.join('\n')}`)
    const ratio = keys['loader.jpeg.ratio']
    if (!ratio) return {}
    const quartiles = [ratio.q1, ratio.q3].map(value => Number(value.toFixed(3)))
    return { 'loader.jpeg.ratio': Number(ratio.median.toFixed(3)), 'loader.jpeg.quartiles': quartiles }
  } finally {
    if (values.images === undefined) rmSync(images, { recursive: true, force: true })
  }
}

/** Packing and reading TFRecord files, beside decoding and the disk. */
async function tfrecord(): Promise<Figures> {
  const { rows, keys } = await benchTfrecord({ copies: 24, pairs })
  console.log(rows.join('\n'))
  return keys
}

async function ranks(): Promise<Figures> {
  const { figures, outcome } = await measureTwoRanks({ pairs })
  console.log(describeRanks(twoRanks, outcome))
  const { lower, upper } = outcome.ratio
  return { ...figures, 'ddp.two.quartiles': [lower, upper].map(value => Number(value.toFixed(3))) }
}

async function dispatch(): Promise<Figures> {
  const costs = [...addonCosts(), ...(await engineCosts('torch'))]
  for (const { label, microseconds } of costs)
    console.log(`${label.padEnd(40)} ${short(microseconds.median)} µs`)
  return {
    'dispatch.microseconds': Number(Math.max(...costs.map(each => each.microseconds.median)).toFixed(2)),
  }
}

/** What stands in files of its own, as it is. */
async function scripts(): Promise<Figures> {
  for (const name of ['sample', 'kernels', 'loader', 'store', 'host']) {
    console.log(`--- ${name}`)
    const file = join(import.meta.dirname, `${name}.ts`)
    if (spawnSync(process.execPath, [file], { stdio: 'inherit' }).status !== 0) process.exitCode = 1
  }
  return {}
}

function machine(): Figures {
  const versions = { node: process.version, ...(python === null ? {} : versionsOf(python)) }
  return { cpu: cpus()[0]?.model ?? '', cores: availableParallelism(), device, pairs, versions }
}

const figures: Figures = {}
if (python === null)
  console.log('No Python with torch and torchvision here (BENCH_PYTHON names one): ours alone, and no ratios')
for (const name of values.only.split(',')) {
  const part = parts[name as keyof typeof parts]
  if (!part) throw new Error(`--only: no part '${name}'. Known: ${Object.keys(parts).join(', ')}`)
  console.log(`\n${name}`)
  try {
    Object.assign(figures, await part())
  } catch (error) {
    console.error(error)
    process.exitCode = 1
  }
}
console.log(JSON.stringify({ ...figures, ...machine() }))

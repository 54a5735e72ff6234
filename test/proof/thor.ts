/**
 * THOR against SGD at the best of five learning rates, on CIFAR-10: `node test/proof/thor.ts --data FOLDER`. All see the same images in
 * the same order from the same first weights, at a constant rate. Says after how many steps the loss, as the mean over the last
 * twenty, first was at the target; fails when THOR was not there before the best SGD. Two trainings at a time, a thread each.
 *
 * --data FOLDER         train/ with a folder of images per class
 * --model cifar-resnet8  --steps 200  --seeds 0  --target 1.4  --images 2000 (per class)  --backend torch
 * --sgd 0.0125,0.025,0.05,0.1,0.2   its rates
 * --thor 0.05  --frequency 20  --damping 0.03
 * --out test-output/thor   each training's losses; what is there is not run again
 * --svg FILE            where to draw the first seed's curves
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { drawLosses } from './drawLosses.ts'
import type { Outcome, Request } from './thorRun.ts'

const window = 20
const atATime = 2

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    model: { type: 'string', default: 'cifar-resnet8' },
    steps: { type: 'string', default: '200' },
    seeds: { type: 'string', default: '0' },
    target: { type: 'string', default: '1.4' },
    images: { type: 'string', default: '2000' },
    backend: { type: 'string', default: 'torch' },
    sgd: { type: 'string', default: '0.0125,0.025,0.05,0.1,0.2' },
    thor: { type: 'string', default: '0.05' },
    frequency: { type: 'string', default: '20' },
    damping: { type: 'string', default: '0.03' },
    out: { type: 'string', default: join(import.meta.dirname, '..', '..', 'test-output', 'thor') },
    svg: { type: 'string' },
  },
})

interface Training {
  readonly label: string
  readonly name: 'sgd' | 'thor'
  readonly request: Request
}

function trainings(seed: number): Training[] {
  const folder = join(resolve(values.data ?? '.'), 'train')
  const { model, backend } = values
  const common = { folder, model, backend, imagesPerClass: Number(values.images), batch: 128, seed }
  const momentum = { momentum: 0.9, weightDecay: 5e-4 }
  const curvature = { frequency: Number(values.frequency), dampingInit: Number(values.damping) }
  const make = (name: Training['name'], learningRate: number): Training => {
    const options = name === 'thor' ? { ...momentum, ...curvature } : momentum
    const request = { ...common, optimizer: { name, options }, learningRate, steps: Number(values.steps) }
    return { label: `${name} ${learningRate}`, name, request }
  }
  return [
    ...values.thor.split(',').map(rate => make('thor', Number(rate))),
    ...values.sgd.split(',').map(rate => make('sgd', Number(rate))),
  ]
}

async function outcomeOf({ label, request }: Training): Promise<Outcome> {
  const path = join(resolve(values.out), `${label.replace(' ', '-')}-${request.seed}.json`)
  const wanted = JSON.stringify(request)
  if (existsSync(path)) {
    const kept = JSON.parse(readFileSync(path, 'utf8')) as { request: Request; outcome: Outcome }
    if (JSON.stringify(kept.request) === wanted) return kept.outcome
  }
  if (values.data === undefined) throw new Error('--data names the folder with train/')
  const script = join(import.meta.dirname, 'thorRun.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [script, wanted], {
    env: { ...process.env, OMP_NUM_THREADS: '1' },
    maxBuffer: 2 ** 24,
  })
  const outcome = JSON.parse(stdout) as Outcome
  writeFileSync(path, JSON.stringify({ request, outcome }))
  console.log(`${label}, seed ${request.seed}: ${outcome.losses.length} steps in ${outcome.seconds} s`)
  return outcome
}

/** Runs over a list, some at a time, and keeps the order. */
async function inTurns<Item, Result>(
  items: readonly Item[],
  run: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  let next = 0
  const work = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) results[at] = await run(items[at]!)
  }
  await Promise.all(Array.from({ length: atATime }, work))
  return results
}

/** Means over the last steps; the first is of the first full window. */
function smoothed(losses: readonly number[]): number[] {
  return losses
    .slice(window - 1)
    .map((_, from) => losses.slice(from, from + window).reduce((a, b) => a + b, 0) / window)
}

/** Steps until the target; Infinity where it was not reached. */
function stepsTo(target: number, { losses }: Outcome): number {
  const at = smoothed(losses).findIndex(loss => loss <= target)
  return at < 0 ? Infinity : at + window
}

mkdirSync(resolve(values.out), { recursive: true })
const target = Number(values.target)
for (const seed of values.seeds.split(',').map(Number)) {
  const all = trainings(seed)
  const outcomes = await inTurns(all, outcomeOf)
  const rows = all.map(({ label, name }, at) => {
    const curve = smoothed(outcomes[at]!.losses)
    return { label, name, curve, steps: stepsTo(target, outcomes[at]!), seconds: outcomes[at]!.seconds }
  })
  console.log(
    `Seed ${seed}\n| optimizer, rate | steps to ${target} | last loss | seconds |\n|---|---|---|---|`,
  )
  for (const { label, steps, curve, seconds } of rows)
    console.log(
      `| ${label} | ${Number.isFinite(steps) ? steps : '–'} | ${curve.at(-1)?.toFixed(3) ?? '–'} | ${seconds} |`,
    )
  const best = (name: Training['name']): number =>
    Math.min(...rows.filter(row => row.name === name).map(row => row.steps))
  const words = (steps: number): string => (Number.isFinite(steps) ? `${steps}` : `more than ${values.steps}`)
  console.log(`Steps of THOR: ${words(best('thor'))}, of the best SGD: ${words(best('sgd'))}`)
  if (!(best('thor') < best('sgd'))) process.exitCode = 1
  const isFirst = seed === Number(values.seeds.split(',')[0])
  if (isFirst && values.svg !== undefined)
    writeFileSync(resolve(values.svg), drawLosses(rows, target, window))
}

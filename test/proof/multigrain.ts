/**
 * What MultiGrain is for: the same network, images and steps with the classifier's loss alone and with MultiGrain's, judged as a
 * classifier and by how well it finds edited copies of a picture. `node test/proof/multigrain.ts --data FOLDER`
 *
 * --data FOLDER           CIFAR-10 as train/ and test/ with a folder of images per class
 * --seeds 0,1,2  --steps 780  --parallel 2 (trainings at a time, one thread each)
 * --out test-output/multigrain   data folders of the workbench; what is complete there is not run again
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { inParallel, multigrain } from './commands.ts'
import { makeCopies } from './copies.ts'

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    seeds: { type: 'string', default: '0,1,2' },
    steps: { type: 'string', default: '780' },
    parallel: { type: 'string', default: '2' },
    set: { type: 'string', multiple: true, default: [] },
    out: { type: 'string', default: join(import.meta.dirname, '..', '..', 'test-output', 'multigrain') },
  },
})
if (values.data === undefined) throw new Error('--data names the folder with train/ and test/')
const data = resolve(values.data)
const out = resolve(values.out)
/** Trainings at a time need data folders of their own: a command's workbench ends with it. */
const settingOf = (name: string, seed: number) => ({ home: join(out, `home-${name}-${seed}`), threads: 1 })
const copies = join(out, 'copies')
const losses = { classifier: 1, MultiGrain: 0.5 }

interface Outcome {
  readonly name: string
  readonly seed: number
  readonly top1: number
  /** Of edited copies among 2,000 other pictures. */
  readonly copyMap: number
  readonly seconds: number
}

async function run(name: keyof typeof losses, seed: number): Promise<Outcome> {
  const kept = join(out, `${name}-${seed}.json`)
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8')) as Outcome
  const started = performance.now()
  const setting = settingOf(name, seed)
  const trained = await multigrain(
    setting,
    ...['train', '--preset', 'cifar10-multigrain', '--data', data, '--name', `${name} ${seed}`],
    ...['--set', `loss.classWeight=${losses[name]}`, '--set', `training.seed=${seed}`],
    // The schedule is that of the epochs: as many as the steps are.
    ...[
      '--set',
      `training.maxSteps=${values.steps}`,
      '--set',
      `training.epochs=${Math.ceil(Number(values.steps) / 390)}`,
    ],
    ...[
      '--set',
      'schedule.warmupEpochs=0.2',
      '--set',
      'training.evaluateEveryEpochs=1000',
      '--set',
      'checkpoints.keepLast=1',
    ],
    ...['--set', 'data.decodeThreads=1', '--set', 'checkpoints.everyEpochs=1000'],
    ...values.set.flatMap(change => ['--set', change]),
  )
  const found = await multigrain(
    setting,
    'evaluate',
    String(trained['runId']),
    '--data',
    copies,
    '--retrieval',
  )
  const [first] = found['retrieval'] as { plainMap: number }[]
  const outcome = {
    ...{ name, seed, top1: trained['top1'] as number, copyMap: first!.plainMap },
    seconds: Math.round((performance.now() - started) / 1000),
  }
  writeFileSync(kept, JSON.stringify(outcome))
  console.log(
    `${name}, seed ${seed}: top-1 ${percent(outcome.top1)}, copies ${percent(outcome.copyMap)}, ${outcome.seconds} s`,
  )
  return outcome
}

mkdirSync(out, { recursive: true })
if (!existsSync(join(copies, 'gallery.csv')))
  await makeCopies({ from: join(data, 'test'), to: copies, originals: 300, copies: 3, distractors: 2000 })
const seeds = values.seeds.split(',').map(Number)
const names = Object.keys(losses) as (keyof typeof losses)[]
const jobs = seeds.flatMap(seed => names.map(name => () => run(name, seed)))
const outcomes = await inParallel(Number(values.parallel), jobs)
const mean = (name: string, field: 'top1' | 'copyMap'): number => {
  const own = outcomes.filter(outcome => outcome.name === name)
  return own.reduce((sum, outcome) => sum + outcome[field], 0) / own.length
}
console.log('\n| | seed | test top-1 | mAP of copies |\n|---|---|---|---|')
for (const { name, seed, top1, copyMap } of outcomes)
  console.log(`| ${name} | ${seed} | ${percent(top1)} | ${percent(copyMap)} |`)
for (const name of names)
  console.log(`| ${name} | mean | ${percent(mean(name, 'top1'))} | ${percent(mean(name, 'copyMap'))} |`)
const gain = mean('MultiGrain', 'copyMap') - mean('classifier', 'copyMap')
const loss = mean('classifier', 'top1') - mean('MultiGrain', 'top1')
const isShown = gain >= 0.03 && loss <= 0.005
console.log(
  `Copies are found better by ${points(gain)} points (at least 3); top-1 is lower by ${points(loss)} (at most 0.5): ${isShown ? 'shown' : 'NOT shown'}`,
)
process.exitCode = isShown ? 0 : 1

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
function points(share: number): string {
  return (100 * share).toFixed(1)
}

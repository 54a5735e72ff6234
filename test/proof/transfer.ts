/**
 * Transfer learning: Inception-v4 at a quarter of its width is trained on five classes of CIFAR-10, then on the other five, from those
 * weights with a new classifier and from random ones with the same budget. `node test/proof/transfer.ts --data FOLDER`
 *
 * --data FOLDER          CIFAR-10 as train/ and test/ with a folder of images per class
 * --seeds 0,1  --pretrain 1000  --steps 150 (of 64 images)  --parallel 2 (trainings at a time, one thread each)
 * --out test-output/transfer   data folders of the workbench; what is complete there is not run again
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { inParallel, multigrain } from './commands.ts'

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    seeds: { type: 'string', default: '0,1' },
    pretrain: { type: 'string', default: '1000' },
    steps: { type: 'string', default: '150' },
    parallel: { type: 'string', default: '2' },
    out: { type: 'string', default: join(import.meta.dirname, '..', '..', 'test-output', 'transfer') },
  },
})
if (values.data === undefined) throw new Error('--data names the folder with train/ and test/')
const data = resolve(values.data)
const out = resolve(values.out)
/** Trainings at a time need data folders of their own: a command's workbench ends with it. */
const settingOf = (name: string, seed: number) => ({
  home: join(out, `home-${name}-${seed}`.replaceAll(' ', '-')),
  threads: 1,
})
const perClass = { train: 2000, test: 400 }

const config = `model: { name: inception-v4, options: { width: 0.25, auxiliaryHead: true } }
loss: { name: cross-entropy, options: { labelSmoothing: 0.1 } }
optimizer: { name: sgd, options: { momentum: 0.9, weightDecay: 1.0e-4 } }
schedule: { name: cosine, options: { learningRate: 0.01, warmupEpochs: 0.2 } }
input: { size: 75, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }
transforms:
  train: [{ name: random-resized-crop, options: { minScale: 0.5 } }, horizontal-flip]
  eval: [resize-exact]
data: { decodeThreads: 1 }
training: { batchSize: 64, evaluationBatchSize: 200, evaluateEveryEpochs: 1000, logEverySteps: 25 }
checkpoints: { everyEpochs: 1000, keepLast: 1 }
`

/** Half of the classes, as a data set of its own. */
function makeHalf(name: string, classes: readonly string[]): string {
  const folder = join(out, name)
  if (existsSync(join(folder, 'done'))) return folder
  for (const split of ['train', 'test'] as const)
    for (const each of classes) {
      mkdirSync(join(folder, split, each), { recursive: true })
      const files = readdirSync(join(data, split, each))
        .sort()
        .slice(0, perClass[split])
      for (const file of files) cpSync(join(data, split, each, file), join(folder, split, each, file))
    }
  writeFileSync(join(folder, 'done'), '')
  return folder
}

interface Outcome {
  readonly top1: number
  readonly checkpoint: string
}

async function train(
  name: string,
  folder: string,
  steps: string,
  seed: number,
  weights: string | null,
): Promise<Outcome> {
  const kept = join(out, `${name}-${seed}.json`)
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8')) as Outcome
  const epochs = Math.ceil((Number(steps) * 64) / (5 * perClass.train))
  const trained = await multigrain(
    settingOf(name, seed),
    ...['train', '--config', join(out, 'config.yaml'), '--data', folder, '--name', `${name} ${seed}`],
    ...[
      '--set',
      `training.seed=${seed}`,
      '--set',
      `training.maxSteps=${steps}`,
      '--set',
      `training.epochs=${epochs}`,
    ],
    ...(weights === null ? [] : ['--set', `start.weights=${weights}`]),
  )
  const outcome = { top1: trained['top1'] as number, checkpoint: trained['checkpoint'] as string }
  writeFileSync(kept, JSON.stringify(outcome))
  console.log(`${name}, seed ${seed}: top-1 ${(100 * outcome.top1).toFixed(1)} %`)
  return outcome
}

mkdirSync(out, { recursive: true })
writeFileSync(join(out, 'config.yaml'), config)
const classes = readdirSync(join(data, 'train')).sort()
const [first, second] = [
  makeHalf('first-five', classes.slice(0, 5)),
  makeHalf('other-five', classes.slice(5)),
]
const source = await train('pretrained on five classes', first, values.pretrain, 0, null)
const seeds = values.seeds.split(',').map(Number)
const ways = [
  ['from those weights', source.checkpoint],
  ['from random weights', null],
] as const
const jobs = seeds.flatMap(seed =>
  ways.map(([name, weights]) => async () => ({
    name,
    seed,
    ...(await train(name, second, values.steps, seed, weights)),
  })),
)
const outcomes = await inParallel(Number(values.parallel), jobs)
console.log(`\n| other five classes, ${values.steps} steps | seed | test top-1 |\n|---|---|---|`)
for (const { name, seed, top1 } of outcomes)
  console.log(`| ${name} | ${seed} | ${(100 * top1).toFixed(1)} % |`)
const mean = (name: string): number => {
  const own = outcomes.filter(outcome => outcome.name === name)
  return own.reduce((sum, { top1 }) => sum + top1, 0) / own.length
}
const gain = mean(ways[0][0]) - mean(ways[1][0])
console.log(
  `Transferred weights are ${(100 * gain).toFixed(1)} points better: ${gain > 0 ? 'shown' : 'NOT shown'}`,
)
process.exitCode = gain > 0 ? 0 : 1

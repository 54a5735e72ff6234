/**
 * ResNet-20 on CIFAR-10, the paper's recipe shortened, by our trainer and by PyTorch: `npm run cifar -- --data FOLDER`. Both start a
 * seed from the same weights; order and augmentation each draws for itself. Says whether the curves are the same within the noise
 * that two seeds differ by, writes a table, and draws the curves.
 *
 * --data FOLDER         train/ and test/, with a folder of images per class
 * --seeds 0,1  --epochs 4  --milestones 3  --threads 1  --backend torch
 * --only ours,pytorch   what to run; what is missing is taken from --out
 * --out test-output/cifar   an epoch a line, per side and seed; what is complete there is not run again
 * --svg FILE            where to draw the curves
 */
import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { models } from '../../core/models/index.ts'
import { findPyTorch } from '../bench/python.ts'
import { withScratch } from '../bench/scratch.ts'
import { writeFirstWeights } from '../bench/weights.ts'
import { trainOurs } from './cifarOurs.ts'
import { meanLoss, readCurve, type Curve } from './curve.ts'
import { drawCurves } from './drawCurves.ts'

/** What two trainings of one recipe differ by in their last epochs: seeds of PyTorch against each other, and some. */
const finalTolerance = 0.02
const lossTolerance = 0.05

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    seeds: { type: 'string', default: '0,1' },
    epochs: { type: 'string', default: '4' },
    milestones: { type: 'string', default: '3' },
    threads: { type: 'string', default: '1' },
    backend: { type: 'string', default: 'torch' },
    only: { type: 'string', default: 'pytorch,ours' },
    out: { type: 'string', default: join(import.meta.dirname, '..', '..', 'test-output', 'cifar') },
    svg: { type: 'string' },
  },
})
const epochs = Number(values.epochs)
const seeds = values.seeds.split(',').map(Number)

function pathOf(side: string, seed: number): string {
  return join(resolve(values.out), `${side}-${seed}.jsonl`)
}

async function run(side: string, seed: number): Promise<void> {
  const out = pathOf(side, seed)
  if (readCurve(out).length >= epochs) return
  if (values.data === undefined) throw new Error('--data names the folder with train/ and test/')
  const folder = resolve(values.data)
  console.log(`${side}, seed ${seed}: ${epochs} epochs`)
  if (side === 'pytorch') return trainPyTorch(folder, out, seed)
  const milestones = values.milestones.split(',').map(Number)
  const { threads, backend } = values
  return trainOurs({ folder, out, seed, epochs, milestones, threads: Number(threads), backend })
}

async function trainPyTorch(folder: string, out: string, seed: number): Promise<void> {
  const python = findPyTorch()
  if (python === null) throw new Error('No Python with torch here (BENCH_PYTHON names one)')
  await withScratch(async scratch => {
    const first = join(scratch, 'weights.safetensors')
    const shape = { height: 32, width: 32, channels: 3, classCount: 10 }
    writeFirstWeights(first, models.create({ name: 'cifar-resnet20' })(shape), seed)
    const script = join(import.meta.dirname, 'peers', 'cifar.py')
    const args = [script, folder, first, String(seed), values.epochs, values.milestones, values.threads]
    const child = spawn(python, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, OMP_NUM_THREADS: values.threads },
    })
    const stop = (): void => void child.kill('SIGKILL')
    process.once('exit', stop)
    child.stdout.pipe(createWriteStream(out))
    const code = await new Promise<number | null>(done => child.once('close', done))
    process.off('exit', stop)
    if (code !== 0) throw new Error(`${script} ended with exit code ${code}`)
  })
}

function table(ours: readonly Curve[], theirs: readonly Curve[]): string {
  const head = seeds.flatMap(seed => [`ours, seed ${seed}`, `PyTorch, seed ${seed}`])
  const lines = [`| epoch | ${head.join(' | ')} |`, `|---|${head.map(() => '---|').join('')}`]
  for (let epoch = 0; epoch < epochs; epoch++) {
    const cells = seeds.flatMap((_, i) => [ours[i]![epoch], theirs[i]![epoch]])
    const shown = cells.map(each =>
      each ? `${(100 * each.top1).toFixed(1)} % (${meanLoss(each).toFixed(3)})` : '–',
    )
    lines.push(`| ${epoch + 1} | ${shown.join(' | ')} |`)
  }
  return lines.join('\n')
}

/** What is further apart than noise. */
function differences(ours: readonly Curve[], theirs: readonly Curve[]): string[] {
  return seeds.flatMap((seed, i) => {
    const [a, b] = [ours[i]!.at(epochs - 1), theirs[i]!.at(epochs - 1)]
    if (!a || !b) return [`seed ${seed}: not trained to its end on both sides`]
    const found: string[] = []
    if (Math.abs(a.top1 - b.top1) > finalTolerance)
      found.push(`seed ${seed}: test top-1 ${a.top1} and ${b.top1} are more than ${finalTolerance} apart`)
    const [mine, other] = [meanLoss(a), meanLoss(b)]
    if (Math.abs(mine - other) > lossTolerance * other)
      found.push(
        `seed ${seed}: training loss ${mine} and ${other} are more than ${100 * lossTolerance} % apart`,
      )
    return found
  })
}

mkdirSync(resolve(values.out), { recursive: true })
for (const side of values.only.split(',')) for (const seed of seeds) await run(side, seed)
const [ours, theirs] = ['ours', 'pytorch'].map(side => seeds.map(seed => readCurve(pathOf(side, seed)))) as [
  Curve[],
  Curve[],
]
console.log(`Test top-1, and mean training loss of the epoch:\n${table(ours, theirs)}`)
if (values.svg !== undefined) writeFileSync(resolve(values.svg), drawCurves(seeds, ours, theirs))
const found = differences(ours, theirs)
console.log(found.length === 0 ? 'The curves are the same within noise' : found.join('\n'))
process.exitCode = found.length === 0 ? 0 : 1

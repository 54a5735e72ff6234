/** ResNet-20 on CIFAR-10 by our trainer process, as the workbench starts it, with its curve as lines of JSON. */
import { fork } from 'node:child_process'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { detectReader } from '../../core/data/index.ts'
import { parseConfig } from '../../core/experiment/index.ts'
import { getPreset } from '../../core/experiment/preset.ts'
import { scan } from '../../core/processes/tasks/scan.ts'
import { withScratch } from '../bench/scratch.ts'
import type { FromTrainer, Point, TrainOrder } from '../../core/training/index.ts'

export interface OursOptions {
  /** train/ and test/, with a folder per class. */
  readonly folder: string
  readonly out: string
  readonly seed: number
  readonly epochs: number
  readonly milestones: readonly number[]
  readonly threads: number
  readonly backend: string
}

const trainer = join(import.meta.dirname, '..', '..', 'core', 'processes', 'trainer.ts')

/** The preset of the paper with another length. */
function configOf({ seed, epochs, milestones, backend }: OursOptions): TrainOrder['config'] {
  const { config } = getPreset('cifar10-resnet20')
  const options = { learningRate: 0.1, milestones, factor: 0.1 }
  return parseConfig({
    ...config,
    schedule: { name: 'multi-step', options },
    training: { ...(config['training'] as object), epochs, seed },
    data: { decodeThreads: 1 },
    checkpoints: { keepLast: 1, everyEpochs: 1000 },
    backend,
  }) as unknown as TrainOrder['config']
}

/** Trains to the end and writes each epoch's figures as soon as they are there. */
export async function trainOurs(options: OursOptions): Promise<void> {
  await withScratch(async scratch => {
    const path = options.folder
    const { reader } = await detectReader(path)
    const indexPath = join(scratch, 'index')
    const quiet = { progress: () => {}, throwIfCancelled: () => {} }
    await scan.run({ path, reader, options: {}, indexPath }, quiet)
    const dataset = { id: 'cifar', reader, path, options: {}, indexPath }
    const order = {
      runId: 'cifar',
      attempt: 1,
      config: configOf(options),
      dataset,
      folder: join(scratch, 'run'),
    }
    mkdirSync(dirname(options.out), { recursive: true })
    writeFileSync(options.out, '')
    await follow({ ...order, resume: false }, options)
  })
}

function follow(order: TrainOrder, { out, threads }: OursOptions): Promise<void> {
  const env = { ...process.env, OMP_NUM_THREADS: String(threads) }
  const child = fork(trainer, [], { serialization: 'advanced', env })
  const stop = (): void => void child.kill('SIGKILL')
  process.once('exit', stop)
  let losses: number[] = []
  let startedMs = performance.now()
  const note = ({ epoch, values }: Point): void => {
    if ('train/loss' in values) losses.push(Number(values['train/loss']!.toFixed(5)))
    if (!('val/top1' in values)) return
    const seconds = Math.round((performance.now() - startedMs) / 1000)
    const figures = {
      epoch: Math.round(epoch),
      top1: values['val/top1'],
      testLoss: values['val/loss'],
      losses,
      seconds,
    }
    appendFileSync(out, `${JSON.stringify(figures)}\n`)
    losses = []
    startedMs = performance.now()
  }
  return new Promise((resolve, reject) => {
    child.on('message', (message: FromTrainer) => {
      if (message.type === 'points') message.points.forEach(note)
      if (message.type === 'log' && message.level !== 'info') console.error(message.text)
      if (message.type === 'failed') reject(new Error(message.error.message))
      if (message.type === 'finished')
        if (message.outcome === 'finished') resolve()
        else reject(new Error(message.reason ?? message.outcome))
    })
    child.once('exit', code => {
      process.off('exit', stop)
      reject(new Error(`the trainer ended with exit code ${code}`))
    })
    child.send({ type: 'train', order })
  })
}

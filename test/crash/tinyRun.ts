/** The smallest run that has everything: two epochs of five steps on 8 × 8 digits of three classes, with augmentation. */
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatasetRef } from '../../core/datasets/shared/reader.ts'
import { scan } from '../../core/processes/tasks/scan.ts'
import { listCheckpoints } from '../../core/checkpoints/index.ts'
import type { FromTrainer, Interruption, TrainOrder, TrainPorts } from '../../core/training/index.ts'
import { startBackend } from '../../core/backend/index.ts'

const side = 8
export const classCount = 3

/** A folder of its own with a data set in it, and a way to clean it up. */
export interface TinyPlace {
  readonly folder: string
  readonly dataset: DatasetRef
  remove(): Promise<void>
}

export async function tinyPlace(
  counts: Readonly<Record<string, number>> = { train: 22, val: 9 },
  classes = classCount,
): Promise<TinyPlace> {
  const folder = await mkdtemp(join(tmpdir(), 'multigrain-run-'))
  const path = join(folder, 'data')
  await mkdir(path)
  for (const [split, count] of Object.entries(counts)) {
    if (count > 0) await writeSplit(path, split, count, classes)
  }
  const indexPath = join(folder, 'data.index')
  const watcher = { progress: () => {}, throwIfCancelled: () => {} }
  await scan.run({ path, reader: 'idx', options: {}, indexPath }, watcher)
  return {
    folder,
    dataset: { id: 'tiny', reader: 'idx', path, options: {}, indexPath },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Complete configuration of the run; changes by dotted name. */
export function tinyConfig(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const config: Record<string, unknown> = {
    model: { name: 'cifar-resnet8', options: { width: 2 } },
    optimizer: { name: 'sgd', options: { momentum: 0.9, weightDecay: 1e-3 } },
    schedule: { name: 'cosine', options: { learningRate: 0.05, warmupEpochs: 0.4 } },
    input: { size: side, channels: 1, mean: [0.4], std: [0.3] },
    transforms: {
      train: [{ name: 'pad-and-crop', options: { padding: 1 } }],
      eval: [{ name: 'resize-exact' }],
    },
    data: { decodeThreads: 0, prefetchBatches: 2 },
    training: { epochs: 2, batchSize: 4, evaluationBatchSize: 4, logEverySteps: 2, seed: 7 },
    checkpoints: { everyEpochs: 1, everySteps: 1, keepLast: 1000 },
    backend: 'cpu',
  }
  for (const [name, value] of Object.entries(changes)) {
    const keys = name.split('.')
    const last = keys.pop()!
    const target = keys.reduce((object, key) => (object[key] ??= {}) as Record<string, unknown>, config)
    target[last] = value
  }
  return config
}

export function tinyOrder(
  place: TinyPlace,
  changes: Readonly<Record<string, unknown>> = {},
  run: Partial<Pick<TrainOrder, 'folder' | 'resume' | 'attempt'>> = {},
): TrainOrder {
  const config = tinyConfig(changes)
  return {
    runId: 'tiny',
    attempt: 1,
    config,
    dataset: place.dataset,
    folder: join(place.folder, 'run'),
    resume: false,
    ...run,
  }
}

export interface Recorder extends TrainPorts {
  readonly messages: FromTrainer[]
  of<Type extends FromTrainer['type']>(type: Type): Extract<FromTrainer, { type: Type }>[]
  /** Log texts of a level. */
  logs(level?: 'info' | 'warning' | 'error'): string[]
}

/**
 * Ports that remember what was sent.
 * @param onPoll answers the loop's question whether it should end; polls are counted from 1, over start-up, steps and batches.
 */
export function recorder(
  onPoll: (poll: number, messages: readonly FromTrainer[]) => Interruption | null = () => null,
  fs?: TrainPorts['fs'],
): Recorder {
  const messages: FromTrainer[] = []
  let polls = 0
  return {
    messages,
    send: message => void messages.push(message),
    interruption: () => onPoll(++polls, messages),
    startBackend,
    ...(fs ? { fs } : {}),
    of: type =>
      messages.filter(
        (message): message is Extract<FromTrainer, { type: typeof type }> => message.type === type,
      ),
    logs: level =>
      messages.flatMap(message =>
        message.type === 'log' && (level === undefined || message.level === level) ? [message.text] : [],
      ),
  }
}

/** Bytes of the weights and the optimizer's memory in the newest checkpoint of a run. */
export async function finalTensors(
  runFolder: string,
): Promise<{ readonly name: string; readonly tensors: Buffer }> {
  const folder = join(runFolder, 'checkpoints')
  const [name] = await listCheckpoints(folder)
  if (name === undefined) throw new Error(`No checkpoint in ${folder}`)
  const files = ['model.safetensors', 'optimizer.safetensors'].map(file => readFile(join(folder, name, file)))
  return { name, tensors: Buffer.concat(await Promise.all(files)) }
}

/** Each class has bright pixels in its own third; the rest is noise from a formula. */
async function writeSplit(path: string, split: string, count: number, classes: number): Promise<void> {
  const images = Buffer.alloc(16 + count * side * side)
  const labels = Buffer.alloc(8 + count)
  for (const [place, value] of [0x803, count, side, side].entries()) images.writeUInt32BE(value, place * 4)
  for (const [place, value] of [0x801, count].entries()) labels.writeUInt32BE(value, place * 4)
  for (let image = 0; image < count; image++) {
    const label = image % classes
    labels[8 + image] = label
    for (let pixel = 0; pixel < side * side; pixel++) {
      const isOwn = Math.floor((pixel * classes) / (side * side)) === label
      images[16 + image * side * side + pixel] =
        (isOwn ? 150 : 0) + ((image * 31 + pixel * 17 + image * pixel) % 100)
    }
  }
  await writeFile(join(path, `${split}-images-idx3-ubyte`), images)
  await writeFile(join(path, `${split}-labels-idx1-ubyte`), labels)
}

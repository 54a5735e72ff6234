/** Whole steps of training or inference by our own trainer's code, for steps.ts. A process that answers requests. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { startBackend } from '../../core/backend/index.ts'
import type { TorchBackend } from '../../core/backend/torch/backend.ts'
import type { Batch } from '../../core/data/index.ts'
import { imageTensor } from '../../core/evaluation/imageTensor.ts'
import { resolvePrecision, storagesOf, type Precision } from '../../core/experiment/index.ts'
import { PrecisionInput } from '../../core/experiment/precision.ts'
import { createExecutor } from '../../core/graph/index.ts'
import { losses } from '../../core/losses/index.ts'
import { models } from '../../core/models/index.ts'
import { optimizers } from '../../core/optimizers/index.ts'
import { createLearner, type Learner } from '../../core/training/learner.ts'
import { trainStep } from '../../core/training/trainStep.ts'
import { profileKernels } from './profile.ts'
import { peakBytes, serve } from './serve.ts'
import type { Setting } from './stepSetting.ts'

interface Prepared {
  readonly mode: 'train' | 'infer'
  readonly setting: Setting
  readonly learner: Learner
  readonly batch: Batch
  readonly precision: Precision
  readonly first: ReadonlyMap<string, Float32Array>
  steps: number
  logits: Float32Array
}

const loss = losses.create({ name: 'cross-entropy' })
let task: Prepared | undefined

interface Request {
  readonly folder: string
  readonly mode: 'train' | 'infer'
  readonly backend: string
  readonly precision: keyof typeof precisions
  readonly device: string
}

/** As the configuration names them: activations in 16 bits, master weights in float32. */
const precisions = {
  fp32: {},
  bf16: { level: 'O2', compute: 'bfloat16' },
  fp16: { level: 'O2', compute: 'float16' },
} as const

/** Makes the network with the weights that PyTorch's side reads, and the same batch. */
async function prepare({ folder, mode, backend, device, precision: name }: Request): Promise<object> {
  const precision = resolvePrecision(PrecisionInput.parse(precisions[name]))
  const started = await startBackend(backend, storagesOf(precision), backend === 'torch' ? device : 'auto')
  const setting = JSON.parse(readFileSync(join(folder, 'setting.json'), 'utf8')) as Setting
  const { size, batch: count, seed } = setting
  const graph = models.create({ name: setting.model, options: setting.options ?? {} })({
    height: size,
    width: size,
    channels: 3,
    classCount: setting.classes,
  })
  const { momentum, weight_decay: weightDecay } = setting.optimizer
  const learner = createLearner(
    createExecutor(graph, { seed, precision }),
    optimizers.create({ name: 'sgd', options: { momentum, weightDecay } }),
  )
  const labels = readFileSync(join(folder, 'labels.bin'))
  const batch: Batch = {
    ...{ number: 0, epoch: 0, count, bad: [], indices: new Int32Array(count), release: () => {} },
    images: new Uint8Array(readFileSync(join(folder, 'images.bin'))),
    labels: new Int32Array(labels.buffer, labels.byteOffset, count),
  }
  const first = new Map<string, Float32Array>()
  if (mode === 'train') for (const [name, value] of valuesOf(learner)) first.set(name, value)
  task = { mode, setting, learner, batch, precision, first, steps: 0, logits: new Float32Array() }
  return { backend: started.name, device: started.device }
}

/** Runs that many steps; the milliseconds of one, and the loss of the first before its update. */
async function step({ count }: { readonly count: number }): Promise<{ ms: number; loss: number }> {
  const { learner, mode } = prepared()
  const run = mode === 'train' ? train : infer
  const startedMs = performance.now()
  const loss = await run()
  for (let i = 1; i < count; i++) await run()
  // A device that computes by itself has then finished.
  if (mode === 'train') await lastBiasOf(learner).data()
  return { ms: (performance.now() - startedMs) / count, loss }
}

/** The classifier's bias. */
function lastBiasOf({ executor: { graph, parameters } }: Learner): tf.Tensor {
  return parameters.get(`${graph.outputs['logits']}.bias`)
}

async function train(): Promise<number> {
  const now = prepared()
  const { loss: value, nonFinite } = await trainStep(now.learner, now.batch, {
    input: { channels: 3, ...now.setting },
    loss,
    classCount: now.setting.classes,
    learningRate: now.setting.optimizer.lr,
    lossScale: now.precision.lossScale.value,
    step: now.steps++,
    stepsPerEpoch: 100,
    seed: 0,
  })
  if (nonFinite !== null) throw new Error(`${nonFinite} is not finite`)
  return value
}

/** As evaluation does it: the batch's bytes in, logits out; the loss is only there to be compared. */
async function infer(): Promise<number> {
  const now = prepared()
  const { learner, batch, setting } = now
  const images = imageTensor(batch, { channels: 3, ...setting })
  const outputs = learner.executor.predict(images)
  const logits = (await outputs['logits']!.data()) as Float32Array
  tf.dispose([images, ...Object.values(outputs)])
  now.logits = logits.slice(0, setting.classes)
  return crossEntropy(logits, batch.labels, setting.classes)
}

function crossEntropy(logits: Float32Array, labels: Int32Array, classes: number): number {
  let sum = 0
  labels.forEach((label, row) => {
    const line = logits.subarray(row * classes, (row + 1) * classes)
    const largest = line.reduce((a, b) => Math.max(a, b), -Infinity)
    sum +=
      Math.log(line.reduce((total, value) => total + Math.exp(value - largest), 0)) + largest - line[label]!
  })
  return sum / labels.length
}

/** Names of the parameters of which no value has changed. */
function unmoved(): string[] {
  const { learner, first } = prepared()
  const isSame = (a: Float32Array, b: Float32Array): boolean => a.every((value, i) => value === b[i])
  return [...valuesOf(learner)]
    .filter(([name, value]) => isSame(value, first.get(name)!))
    .map(([name]) => name)
}

function* valuesOf({ executor }: Learner): Generator<[string, Float32Array]> {
  for (const name of executor.parameters.names())
    yield [name, executor.parameters.get(name).dataSync().slice() as Float32Array]
}

/** Of the batch's first image, from the newest inference. */
function logits(): number[] {
  return [...prepared().logits]
}

/** With what the backend knows of its device. */
function memory(): object {
  return { peakBytes: peakBytes(), tensors: tf.memory().numTensors, ...tf.backend().memory() }
}

/** Asks for tensors until there is no memory left; the code of the error. */
function exhaust(): string {
  const { size, batch } = prepared().setting
  const held: tf.Tensor[] = []
  const { addon, device } = tf.backend() as TorchBackend
  const { usedBytes, limitBytes } = addon.arenaFigures()
  // Main memory is other processes' as well.
  if (device === 'cpu') addon.limitMemory(usedBytes + 2 ** 28)
  try {
    for (let elements = batch * size * size; ; elements *= 2) held.push(tf.zeros([elements]))
  } catch (error) {
    return String((error as { code?: unknown }).code)
  } finally {
    tf.dispose(held)
    addon.limitMemory(limitBytes)
  }
}

/** Time of every kernel over some steps. */
async function profile({ count }: { readonly count: number }): Promise<object> {
  await step({ count: 1 })
  return profileKernels(() => step({ count }), count)
}

function prepared(): Prepared {
  if (!task) throw new Error('ask for prepare first')
  return task
}

await serve({ prepare, step, unmoved, logits, memory, exhaust, profile })

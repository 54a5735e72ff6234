/** One training for thor.ts in a process of its own: takes a request on its command line and prints the loss of each step as JSON. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startBackend } from '../../core/backend/index.ts'
import { decodeImage, permutation, type Batch } from '../../core/data/index.ts'
import { createExecutor } from '../../core/graph/index.ts'
import { losses } from '../../core/losses/index.ts'
import { models } from '../../core/models/index.ts'
import { optimizers } from '../../core/optimizers/index.ts'
import { createLearner } from '../../core/training/learner.ts'
import { trainStep } from '../../core/training/trainStep.ts'

export interface Request {
  /** A folder of images per class. */
  readonly folder: string
  readonly imagesPerClass: number
  readonly model: string
  readonly optimizer: { readonly name: string; readonly options: Readonly<Record<string, unknown>> }
  readonly learningRate: number
  readonly batch: number
  readonly steps: number
  readonly seed: number
  readonly backend: string
}

/** What a training gives: the loss of each step's batch before its update; fewer than asked where one was not finite. */
export interface Outcome {
  readonly losses: readonly number[]
  readonly seconds: number
}

const input = { size: 32, channels: 3, mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] }
const imageBytes = input.size * input.size * input.channels

interface Images {
  readonly bytes: Uint8Array
  readonly labels: Int32Array
  readonly classCount: number
}

async function readImages({ folder, imagesPerClass }: Request): Promise<Images> {
  const classes = readdirSync(folder).sort()
  const paths = classes.flatMap(name => {
    const files = readdirSync(join(folder, name)).sort().slice(0, imagesPerClass)
    return files.map(file => join(folder, name, file))
  })
  const bytes = new Uint8Array(paths.length * imageBytes)
  for (const [at, path] of paths.entries())
    bytes.set((await decodeImage(readFileSync(path), 3, path)).data, at * imageBytes)
  const labels = Int32Array.from(paths, (_, at) => Math.floor(at / imagesPerClass))
  return { bytes, labels, classCount: classes.length }
}

/** Batches of an order that depends on the seed alone, so that every optimizer sees the same ones. */
function* batches({ bytes, labels }: Images, { batch: count, seed }: Request): Generator<Batch> {
  const nothing = { number: 0, bad: [], release: () => {} }
  for (let epoch = 0; ; epoch++) {
    const order = permutation(seed, epoch, labels.length)
    for (let from = 0; from + count <= order.length; from += count) {
      const indices = Int32Array.from(order.subarray(from, from + count))
      const images = new Uint8Array(count * imageBytes)
      indices.forEach((index, at) => {
        images.set(bytes.subarray(index * imageBytes, (index + 1) * imageBytes), at * imageBytes)
      })
      yield { ...nothing, epoch, count, indices, images, labels: indices.map(index => labels[index]!) }
    }
  }
}

async function train(request: Request): Promise<Outcome> {
  await startBackend(request.backend)
  const images = await readImages(request)
  const { size: height, channels } = input
  const { classCount } = images
  const graph = models.create({ name: request.model })({ height, width: height, channels, classCount })
  const learner = createLearner(
    createExecutor(graph, { seed: request.seed }),
    optimizers.create(request.optimizer),
  )
  const loss = losses.create({ name: 'cross-entropy' })
  const stepsPerEpoch = Math.floor(images.labels.length / request.batch)
  const found: number[] = []
  const startedMs = performance.now()
  for (const batch of batches(images, request)) {
    const step = found.length
    const { learningRate, seed } = request
    const setting = { input, loss, classCount, learningRate, step, stepsPerEpoch, seed }
    const figures = await trainStep(learner, batch, setting)
    if (figures.nonFinite !== null) break
    found.push(Number(figures.loss.toFixed(5)))
    if (found.length === request.steps) break
  }
  return { losses: found, seconds: Math.round((performance.now() - startedMs) / 100) / 10 }
}

console.log(JSON.stringify(await train(JSON.parse(process.argv[2]!) as Request)))

/** What a configuration means for a data set, worked out without a compute backend. */
import { existsSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import type { Plan } from '../../contract/index.ts'
import { heldOutCount } from '../../data/index.ts'
import { AppError } from '../../errors/index.ts'
import { checkConfig, resolvePrecision, type RunConfig } from '../../experiment/index.ts'
import {
  estimateMemory,
  summarise,
  withLossParameters,
  type Graph,
  type MemoryEstimate,
} from '../../graph/index.ts'
import { losses } from '../../losses/index.ts'
import { models } from '../../models/index.ts'
import { optimizers } from '../../optimizers/index.ts'
import { samplers } from '../../samplers/index.ts'
import { schedules } from '../../schedules/index.ts'
import { checkOutputs, ratesOf, scaledRate, scheduledStep, stepsOfRun } from '../../training/index.ts'
import type { RunLength } from '../../schedules/shared/schedule.ts'
import type { PlanDataset, Task } from '../protocol.ts'

/** Points of the learning-rate curve at most. */
const maxPoints = 500
/** Classes assumed while no data set is chosen: ImageNet's. */
const defaultClassCount = 1000

type Issue = Plan['issues'][number]

export const plan: Task<'plan'> = {
  name: 'plan',
  run: async ({ config: input, dataset }) => {
    const { issues: found, config } = checkConfig(input)
    const issues: Issue[] = [...found]
    if (config === null) return { ...unknown, issues, config: null }
    const graph = buildGraph(config, dataset, issues)
    if (graph !== null) checkRates(config, graph, issues)
    checkStart(config, issues)
    const images = dataset === null ? null : countImages(config, dataset, issues)
    const stepsPerEpoch = images === null ? null : countSteps(config, dataset!, images.trainCount, issues)
    const length = stepsPerEpoch === null ? null : { stepsPerEpoch, epochs: config.training.epochs }
    const counts = graph === null ? null : summarise(graph)
    const memory = graph === null ? null : memoryOf(config, graph)
    return {
      issues,
      config: issues.length === 0 ? { ...config } : null,
      parameterCount: counts?.parameterCount ?? null,
      macs: counts?.macs ?? null,
      stepsPerEpoch,
      totalSteps: length === null ? null : stepsOfRun(config, length),
      checkpointBytes: graph === null ? null : checkpointBytes(config, graph),
      stepBytes: memory === null ? null : stepBytes(config, memory),
      needs:
        images === null || length === null || memory === null
          ? null
          : {
              ...images,
              ...{
                validations: validationsOf(config, length),
                keptCheckpoints: keptCheckpoints(config, length),
              },
              ...memory,
            },
      learningRate: curve(config, length),
    }
  },
}

const unknown = {
  parameterCount: null,
  macs: null,
  stepsPerEpoch: null,
  totalSteps: null,
  checkpointBytes: null,
  stepBytes: null,
  needs: null,
  learningRate: [],
}

/** Null, with an issue, when the network cannot be built. */
function buildGraph(config: RunConfig, dataset: PlanDataset | null, issues: Issue[]): Graph | null {
  const { size, channels } = config.input
  const classCount = dataset?.classCount ?? defaultClassCount
  if (classCount < 2) {
    issues.push({ path: 'dataset', message: `expected at least 2 classes, got ${classCount}` })
    return null
  }
  try {
    return models.create(config.model, 'model')({ height: size, width: size, channels, classCount })
  } catch (thrown) {
    issues.push(issueOf(thrown, 'model'))
    return null
  }
}

/** An error as an issue of its field, which its message need not repeat. */
function issueOf(thrown: unknown, otherwise: string): Issue {
  const { message, details } = AppError.from(thrown)
  const path = typeof details['field'] === 'string' ? details['field'] : otherwise
  return { path, message: message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message }
}

/** What is frozen, and what has rates of its own, must be there. */
function checkRates(config: RunConfig, graph: Graph, issues: Issue[]): void {
  try {
    const loss = losses.create(config.loss, 'loss')
    checkOutputs(config, graph, loss)
    ratesOf(withLossParameters(graph, loss.parameters), config)
  } catch (thrown) {
    issues.push(issueOf(thrown, 'training'))
  }
}

/** Weights that are not there are told before the run is. */
function checkStart({ start: { weights } }: RunConfig, issues: Issue[]): void {
  if (weights === '' || (isAbsolute(weights) && existsSync(weights))) return
  const problem = isAbsolute(weights)
    ? 'there is no such file or folder'
    : 'expected a whole path, from the root'
  issues.push({ path: 'start.weights', message: `${problem}, got '${weights}'` })
}

/** Images to train on and to validate on; null, with an issue, when either are missing. */
function countImages(
  { data }: RunConfig,
  { splits }: PlanDataset,
  issues: Issue[],
): { trainCount: number; validationCount: number } | null {
  const countOf = (name: string): number => splits.find(split => split.name === name)?.count ?? 0
  const train = splits.find(({ name }) => name === 'train')
  const count = train?.count ?? 0
  if (count === 0) {
    issues.push({
      path: 'dataset',
      message: 'the data set has no training images: it can only be evaluated on',
    })
    return null
  }
  const apart = countOf('val') || countOf('test')
  const holdsOut = !splits.some(({ name, count: size }) => name !== 'train' && size > 0)
  if (!holdsOut) return { trainCount: count, validationCount: apart }
  const heldOut = heldOutCount(train?.classCounts ?? [count], data.validationFraction)
  if (heldOut > 0) return { trainCount: count - heldOut, validationCount: heldOut }
  const message =
    'no images can be held out for validation, as no class has two or more. Add a folder val/ or more images to the data set'
  issues.push({ path: 'data.validationFraction', message })
  return null
}

/** Null, with an issue, when there are fewer training images than one batch. */
function countSteps(
  config: RunConfig,
  { splits }: PlanDataset,
  trainCount: number,
  issues: Issue[],
): number | null {
  const classCounts = splits.find(({ name }) => name === 'train')?.classCounts ?? [trainCount]
  const draws = drawsOf(config, trainCount, classCounts, issues)
  if (draws === null) return null
  const steps = Math.floor(draws / config.training.batchSize)
  if (steps > 0) return steps
  const message = `expected at most the ${trainCount} training images of the data set, got ${config.training.batchSize}`
  issues.push({ path: 'training.batchSize', message })
  return null
}

/** Images of an epoch, copies counted; null, with an issue, when the sampler cannot draw them. */
function drawsOf(
  { sampler, training: { batchSize, ranks } }: RunConfig,
  count: number,
  classCounts: readonly number[],
  issues: Issue[],
): number | null {
  const labels = Int32Array.from(classCounts.flatMap((size, label) => Array<number>(size).fill(label)))
  try {
    const source = { count, labels: labels.subarray(0, count), batchSize, ranks }
    return samplers.create(sampler, 'sampler').plan(source).draws
  } catch (thrown) {
    issues.push(issueOf(thrown, 'sampler'))
    return null
  }
}

/** Float32 weights, buffers and slots; headers and the state's JSON are some kilobytes. */
function checkpointBytes(config: RunConfig, { nodes }: Graph): number {
  const size = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 4)
  const weights = nodes.flatMap(node => node.parameters).reduce((sum, { shape }) => sum + size(shape), 0)
  const buffers = nodes.flatMap(node => node.buffers).reduce((sum, { shape }) => sum + size(shape), 0)
  return weights + buffers + 4 * slotValuesOf(config, { nodes })
}

function slotValuesOf(config: RunConfig, { nodes }: Pick<Graph, 'nodes'>): number {
  const optimizer = optimizers.create(config.optimizer, 'optimizer')
  return nodes
    .flatMap(node => node.parameters)
    .flatMap(info => Object.values(optimizer.slots(info)))
    .reduce((sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1), 0)
}

/** In the configuration's precision. */
function memoryOf(config: RunConfig, graph: Graph): MemoryEstimate {
  const options = { precision: resolvePrecision(config.precision), slotValues: slotValuesOf(config, graph) }
  return estimateMemory(graph, options)
}

/** At its largest. */
function stepBytes(config: RunConfig, { fixedBytes, bytesPerImage }: MemoryEstimate): number {
  return fixedBytes + config.training.batchSize * bytesPerImage
}

/** Epochs that a run begins, most steps counted. */
function epochsOf(config: RunConfig, length: RunLength): number {
  return Math.ceil(stepsOfRun(config, length) / length.stepsPerEpoch)
}

/** Every so many epochs, and after the last step. */
function validationsOf(config: RunConfig, length: RunLength): number {
  const { mode, evaluateEveryEpochs } = config.training
  return mode === 'train' ? 0 : Math.ceil(epochsOf(config, length) / evaluateEveryEpochs)
}

/** What the keep rule leaves at most: the newest, the best and those of certain epochs may all be different ones. */
function keptCheckpoints(config: RunConfig, length: RunLength): number {
  const epochs = epochsOf(config, length)
  const { everyEpochs, everySteps, keepLast, keepBest, keepEveryEpochs } = config.checkpoints
  const within = everySteps > 0 ? Math.floor(stepsOfRun(config, length) / everySteps) : 0
  const saved = Math.ceil(epochs / everyEpochs) + within
  const best = config.training.mode === 'train' ? 0 : keepBest
  const forGood = keepEveryEpochs > 0 ? Math.floor(epochs / keepEveryEpochs) : 0
  return Math.min(saved, keepLast + best + forGood)
}

/** Without a data set the epochs stand for themselves: a hundred steps each. */
function curve(config: RunConfig, length: RunLength | null): Plan['learningRate'] {
  const { stepsPerEpoch, epochs } = length ?? { stepsPerEpoch: 100, epochs: config.training.epochs }
  const total = stepsOfRun(config, { stepsPerEpoch, epochs })
  const schedule = schedules.create(config.schedule, 'schedule')
  const count = Math.min(total, maxPoints)
  return Array.from({ length: count }, (_, point) => {
    const step = count === 1 ? 0 : Math.round((point * (total - 1)) / (count - 1))
    const lr = scaledRate(
      config,
      schedule(scheduledStep(config, step, stepsPerEpoch), { stepsPerEpoch, epochs }),
    )
    return { step, epoch: step / stepsPerEpoch, lr }
  })
}

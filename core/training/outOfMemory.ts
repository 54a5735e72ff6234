/** What to do when a step does not fit into memory: the batch size that would. */
import * as tf from '@tensorflow/tfjs-core'
import { AppError } from '../errors/index.ts'
import { batchThatFits, estimateMemory, type Graph, type GraphPrecision } from '../graph/index.ts'

/** What a step needs is estimated for. */
export interface StepSize {
  readonly graph: Graph
  readonly precision: GraphPrecision
  /** Numbers that are kept beside the weights: the optimizer's, and an average of the weights. */
  readonly slotValues: number
  /** Images of one step on this device. */
  readonly batchSize: number
  /** Devices that share a batch. */
  readonly rankCount: number
}

/** Share of the memory that tensors can have: kernels work in some, and the rest of the process lies in some. */
const usableShare = 0.9

/** The words of libtorch's allocators, of V8 and of C++. */
const memoryWords =
  /not enough memory|can't allocate memory|out of memory|std::bad_alloc|Array buffer allocation failed/i

/** An error of a step as it is, unless memory ran out: then the one that says which batch size fits. */
export function explainStepError(thrown: unknown, size: StepSize): unknown {
  if (!isOutOfMemory(thrown)) return thrown
  const details = thrown instanceof AppError ? thrown.details : {}
  const limitBytes = Number(details['limitBytes'] ?? memoryLimit())
  const { message, ...advice } = adviseBatchSize(size, limitBytes)
  return new AppError('out-of-memory', message, { ...details, ...advice, limitBytes }, thrown)
}

/** A warning when a step is not expected to fit; null when it is. */
export function foreseeOutOfMemory(size: StepSize): string | null {
  const limitBytes = memoryLimit()
  const { neededBytes, message } = adviseBatchSize(size, limitBytes)
  return neededBytes <= limitBytes ? null : `This run will probably not fit. ${message}`
}

function isOutOfMemory(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false
  return ('code' in thrown && thrown.code === 'out-of-memory') || memoryWords.test(thrown.message)
}

interface Advice {
  readonly message: string
  readonly field: string
  readonly neededBytes: number
  /** 0 when not even one image fits. */
  readonly fittingBatchSize: number
  readonly remedy: string
}

function adviseBatchSize(
  { graph, precision, slotValues, batchSize, rankCount }: StepSize,
  limitBytes: number,
): Advice {
  const estimate = estimateMemory(graph, { precision, slotValues })
  const neededBytes = estimate.fixedBytes + batchSize * estimate.bytesPerImage
  // Whatever the estimate says, what was tried did not fit.
  const most = Math.min(batchThatFits(estimate, limitBytes * usableShare), Math.floor(batchSize / 2))
  const fittingBatchSize = rounded(most) * rankCount
  const [height, width] = graph.inputShape
  const remedy =
    fittingBatchSize > 0
      ? `Set training.batchSize to ${fittingBatchSize} or less, and the learning rate in proportion`
      : 'Not even one image fits: lower input.size, choose a smaller network, or precision.level O2'
  const where = rankCount > 1 ? ` on each of ${rankCount} ranks` : ''
  const message = `training.batchSize: out of memory: a step of ${batchSize} images of ${height} × ${width}${where} needs about ${gigabytes(neededBytes)}, of ${gigabytes(limitBytes)} there are. ${remedy}`
  return { message, field: 'training.batchSize', neededBytes, fittingBatchSize, remedy }
}

/** Down to a multiple of 8 where that loses little. */
function rounded(batchSize: number): number {
  return batchSize < 32 ? batchSize : batchSize - (batchSize % 8)
}

/** Bytes that this process may use on the device that computes; the machine's where the backend does not say. */
function memoryLimit(): number {
  const { limitBytes } = tf.memory() as { limitBytes?: number | null }
  return limitBytes ?? process.availableMemory() + process.memoryUsage.rss()
}

function gigabytes(bytes: number): string {
  return bytes < 2 ** 30 ? `${Math.ceil(bytes / 2 ** 20)} MB` : `${(bytes / 2 ** 30).toFixed(1)} GB`
}

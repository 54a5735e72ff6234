/** Weights from elsewhere. */
import * as tf from '@tensorflow/tfjs-core'
import { fromTorchLayout } from '../checkpoints/torchLayout.ts'
import { AppError } from '../errors/index.ts'
import type { RunConfig } from '../experiment/index.ts'
import type { Executor } from '../graph/index.ts'
import { matchWeights, type ImportReport } from './matchWeights.ts'
import { readWeights } from './readWeights.ts'

export { importCheckpoint } from './importCheckpoint.ts'
export type { ImportedCheckpoint, ImportOrder } from './importCheckpoint.ts'
export { fitOf } from './fitOf.ts'
export type { Fit } from './fitOf.ts'
export { matchWeights } from './matchWeights.ts'
export type { ImportReport } from './matchWeights.ts'
export { readWeights } from './readWeights.ts'
export type { FoundTensor, FoundWeights } from './readWeights.ts'

/**
 * Puts the weights that a run starts from into its network.
 * @throws AppError naming the file and what does not fit; the network may then hold some of them.
 */
export async function loadStartingWeights(
  executor: Executor,
  start: RunConfig['start'],
): Promise<ImportReport> {
  const weights = await readWeights(start.weights, start.preferAverage)
  const { matches, report } = matchWeights(executor.graph, weights, start, start.weights)
  for (const { name, info, tensor } of matches) {
    const shape = info?.shape ?? executor.buffers.get(name).shape
    const values = numbersOf(start.weights, name, tensor)
    const value = tf.tensor(info ? fromTorchLayout(info, values) : values, [...shape])
    ;(info ? executor.parameters : executor.buffers).set(name, value)
  }
  return report
}

function numbersOf(path: string, name: string, tensor: { read(): Float32Array }): Float32Array {
  try {
    return tensor.read()
  } catch (thrown) {
    const message = `${path}: at ${name}: ${(thrown as Error).message}`
    throw new AppError('data-invalid', message, { file: path, parameter: name }, thrown)
  }
}

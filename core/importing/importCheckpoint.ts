/** Weights from elsewhere as a checkpoint, to be evaluated, compared and exported like one that was trained here. */
import { createHash } from 'node:crypto'
import { listCheckpoints, stepOf } from '../checkpoints/checkpointFolder.ts'
import { readState } from '../checkpoints/loadCheckpoint.ts'
import { configHash, type RunState } from '../checkpoints/runState.ts'
import { saveCheckpoint, type TensorSource } from '../checkpoints/saveCheckpoint.ts'
import { torchShape } from '../checkpoints/torchLayout.ts'
import { AppError } from '../errors/index.ts'
import { parseConfig, type RunConfig } from '../experiment/index.ts'
import { withLossParameters, type Graph } from '../graph/index.ts'
import { losses } from '../losses/index.ts'
import { models } from '../models/index.ts'
import { matchWeights, type ImportReport } from './matchWeights.ts'
import { readWeights } from './readWeights.ts'

export interface ImportOrder {
  /** A file or folder as `readWeights` takes it. */
  readonly weightsPath: string
  /** The run's folder of checkpoints. */
  readonly folder: string
  readonly runId: string
  /** Checkpoint of the same run whose data set and configuration it shares; null for a new run. */
  readonly templatePath: string | null
  /** Of a new run; complete. */
  readonly config: Readonly<Record<string, unknown>>
  readonly classes: readonly string[]
}

export interface ImportedCheckpoint {
  readonly name: string
  readonly path: string
  readonly step: number
  readonly sizeBytes: number
  readonly report: ImportReport
}

/**
 * Saves at the first free step, so that a run still resumes from what it trained itself.
 * @throws AppError data-invalid for a file that cannot be read; checkpoint-mismatch naming the tensor where a shape differs or one is
 * missing; disk-full.
 */
export async function importCheckpoint(order: ImportOrder): Promise<ImportedCheckpoint> {
  const template = order.templatePath === null ? null : await readState(order.templatePath)
  const config = parseConfig(template?.config ?? order.config)
  const state = template ?? newState(order, config)
  const graph = graphOf(config, state)
  const weights = await readWeights(order.weightsPath, config.start.preferAverage)
  const { matches, report } = matchWeights(
    graph,
    weights,
    { exclude: [], replaceHead: false },
    order.weightsPath,
  )
  if (report.missing.length > 0) throw incomplete(order.weightsPath, report.missing)
  const model = matches.map(({ name, shape, tensor }): TensorSource => ({
    name,
    shape,
    read: () => Promise.resolve(tensor.read()),
  }))
  const step = await freeStep(order.folder)
  const saved = await saveCheckpoint(order.folder, {
    model: [...model, ...ofLoss(graph)],
    optimizer: [],
    state: {
      ...state,
      ...{ runId: order.runId, step, epoch: 0, cursor: 0, evaluatedStep: null, best: null, metrics: {} },
      ...{ config: { ...config }, configHash: configHash(config), elapsedMs: 0 },
    },
  })
  return { ...saved, step, report }
}

function newState({ runId, classes }: ImportOrder, config: RunConfig): RunState {
  const { size, channels } = config.input
  return {
    ...{ format: 1, runId, step: 0, epoch: 0, cursor: 0, stepsPerEpoch: 1, trainImageCount: 1 },
    ...{ seed: config.training.seed, evaluatedStep: null, best: null, patience: null, metrics: {} },
    // Of no data set: it was not trained here.
    indexHash: createHash('sha256').digest('hex'),
    nonFinite: { inARow: 0, rollBacks: 0 },
    lossScale: { scale: 1, cleanSteps: 0, overflows: 0 },
    ...{ elapsedMs: 0, config: { ...config }, configHash: configHash(config), codeVersion: 'imported' },
    ...{ classes: [...classes], inputShape: [size, size, channels] },
  }
}

function graphOf(config: RunConfig, { classes, inputShape: [height, width, channels] }: RunState): Graph {
  const graph = models.create(config.model, 'model')({ height, width, channels, classCount: classes.length })
  return withLossParameters(graph, losses.create(config.loss, 'loss').parameters)
}

/** Numbers that a loss learns are of no use outside training, but belong to a whole checkpoint. */
function ofLoss({ nodes }: Graph): TensorSource[] {
  return nodes
    .filter(({ op }) => op === 'parameter')
    .flatMap(node => node.parameters)
    .map(info => {
      const size = info.shape.reduce((product, side) => product * side, 1)
      return {
        ...{ name: info.name, shape: torchShape(info) },
        read: () => Promise.resolve(new Float32Array(size)),
      }
    })
}

async function freeStep(folder: string): Promise<number> {
  const taken = new Set((await listCheckpoints(folder)).map(stepOf))
  let step = 0
  while (taken.has(step)) step++
  return step
}

function incomplete(path: string, missing: readonly string[]): AppError {
  const some = `${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ', …' : ''}`
  const message = `${path}: ${missing.length} tensors of the network are not in it: ${some}. Take weights of the whole network, or start a new run from them (start.weights)`
  return new AppError('checkpoint-mismatch', message, { file: path, missing: missing.slice(0, 50) })
}

/** Sets up a run: backend, data, network, optimizer, and the newest valid checkpoint if it is to go on. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import packageInfo from '../../package.json' with { type: 'json' }
import { openLoader, type DecoderInfo, type Loader } from '../data/index.ts'
import { AppError } from '../errors/index.ts'
import {
  checkConfig,
  parseConfig,
  resolvePrecision,
  storagesOf,
  type Precision,
  type RunConfig,
} from '../experiment/index.ts'
import { losses } from '../losses/index.ts'
import type { Loss } from '../losses/shared/loss.ts'
import { schedules } from '../schedules/index.ts'
import type { RunLength, Schedule } from '../schedules/shared/schedule.ts'
import { cleanFolder, newestValid } from '../checkpoints/checkpointFolder.ts'
import type { Learner } from './learner.ts'
import { createRunLog, type RunLog } from './logFormats/index.ts'
import { createRunLearner, startFrom } from './runLearner.ts'
import { stepsOfRun } from './runLength.ts'
import { checkClasses, loadCheckpoint, type LoadedCheckpoint } from '../checkpoints/loadCheckpoint.ts'
import {
  datasetFacts,
  evaluationLoader,
  trainingLoader,
  type DatasetFacts,
} from '../evaluation/loaderOptions.ts'
import { startingScale } from './lossScale.ts'
import { foreseeOutOfMemory, type StepSize } from './outOfMemory.ts'
import { createPace, type Pace } from './pace.ts'
import type { Collective, TrainOrder, TrainPorts } from './ports.ts'
import { checkBatchSize, checkSameData, isLead, ownThreads, partOf, shared } from './ranks.ts'
import type { Reporter } from './reporter.ts'
import { configHash, type RunState } from '../checkpoints/runState.ts'

/** Everything the loop works with. */
export interface Run {
  readonly order: TrainOrder
  readonly ports: TrainPorts
  readonly reporter: Reporter
  /** The other ranks; null where the run trains in one process. */
  readonly collective: Collective | null
  readonly config: RunConfig
  readonly precision: Precision
  readonly facts: DatasetFacts
  /** Folder of the checkpoints. */
  readonly folder: string
  readonly length: RunLength
  readonly totalSteps: number
  readonly learner: Learner
  readonly loader: Loader
  readonly loss: Loss
  readonly schedule: Schedule
  readonly pace: Pace
  readonly log: RunLog
  /** What the next checkpoint will hold. */
  state: RunState
  /** State of the newest checkpoint; null before the first. */
  saved: RunState | null
  close(): Promise<void>
}

/**
 * @throws AppError invalid-config, backend-unavailable, data-…, checkpoint-mismatch; cancelled when interrupted meanwhile.
 */
export async function prepareRun(order: TrainOrder, ports: TrainPorts, reporter: Reporter): Promise<Run> {
  const enter = (phase: 'starting' | 'loading'): void => {
    if (ports.interruption() !== null) throw new AppError('cancelled', 'Interrupted before the first step')
    reporter.phase({ phase, done: 0, total: 0, etaMs: null })
  }
  enter('starting')
  const config = parseConfig(order.config)
  const precision = resolvePrecision(config.precision)
  const backend = await ports.startBackend(config.backend, storagesOf(precision), config.device)
  reporter.log('info', `Backend ${backend.name} on ${backend.device}: ${backend.reason}`)
  for (const caution of backend.cautions ?? []) reporter.log('warning', caution)
  if (ports.waitingFor !== undefined) reporter.log('info', ports.waitingFor)
  const collective = (await ports.collective?.()) ?? null
  checkBatchSize(collective, config)
  if (collective) reporter.log('info', `${collective.world} ranks, connected by ${collective.transport}`)
  enter('loading')
  const facts = await datasetFacts(order.dataset)
  await checkSameData(collective, { path: order.dataset.path, indexHash: facts.indexHash })
  const folder = join(order.folder, 'checkpoints')
  if (isLead(collective)) await cleanFolder(folder, ports.fs)
  const checkpoint = isLead(collective) && order.resume ? await newestCheckpoint(folder, reporter) : null
  if (checkpoint) checkClasses(checkpoint, facts.classes)
  const saved = await shared(collective, checkpoint?.state ?? null)
  enter('loading')
  if (config.training.mode !== 'train') await checkValidation(config, order, facts)
  const loss = losses.create(config.loss, 'loss')
  const learner = createRunLearner(config, precision, facts, loss, collective)
  const loader = await openLoader(
    trainingLoader(
      ownThreads(collective, config),
      ...([order.dataset, facts, saved?.cursor ?? 0, partOf(collective)] as const),
    ),
  )
  if (loader.decoder) reporter.log('info', decoderLine(loader.decoder))
  const close = async (): Promise<void> => {
    await loader.close()
    learner.dispose()
  }
  try {
    const length = { stepsPerEpoch: loader.batchesPerEpoch, epochs: config.training.epochs }
    const state = initialState(order, config, facts, learner, loader)
    const { lossScale } = precision
    if (checkpoint) {
      checkResumable(checkpoint, state, reporter)
      learner.restore(checkpoint)
    }
    if (!saved && isLead(collective)) await begin(order, config, learner, reporter)
    if (collective) await learner.replace('all', tensor => collective.broadcast(tensor))
    const totalSteps = stepsOfRun(config, length)
    const foreseen = foreseeOutOfMemory(stepSizeOf({ config, learner, collective }))
    if (foreseen !== null) reporter.log('warning', foreseen)
    reporter.send({
      type: 'ready',
      backend: backend.name,
      device: backend.device,
      fromStep: saved?.step ?? 0,
      totalSteps,
      stepsPerEpoch: length.stepsPerEpoch,
    })
    return {
      ...{
        order,
        ports,
        reporter,
        collective,
        config,
        precision,
        facts,
        folder,
        length,
        totalSteps,
        learner,
        loader,
        close,
      },
      saved,
      loss,
      schedule: schedules.create(config.schedule, 'schedule'),
      pace: createPace(),
      log: createRunLog(config.training.logFormat, length),
      state: {
        ...(saved ? { ...saved, ...nowOf(state) } : state),
        lossScale: startingScale(lossScale, saved?.lossScale),
      },
    }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

/** How large a step of this rank is. */
export function stepSizeOf({
  config,
  learner,
  collective,
}: Pick<Run, 'config' | 'learner' | 'collective'>): StepSize {
  const { executor, slotValues } = learner
  const rankCount = partOf(collective).count
  const batchSize = config.training.batchSize / rankCount
  return { graph: executor.graph, precision: executor.precision, slotValues, batchSize, rankCount }
}

/** What a resumed run takes from the present rather than from its checkpoint. */
function nowOf({
  config,
  configHash: hash,
  codeVersion,
  indexHash,
  imageDecoder,
}: RunState): Partial<RunState> {
  return { config, configHash: hash, codeVersion, indexHash, imageDecoder }
}

async function newestCheckpoint(folder: string, reporter: Reporter): Promise<LoadedCheckpoint | null> {
  const path = await newestValid(folder, reporter.damaged)
  if (path === null) {
    reporter.log('warning', 'There is no valid checkpoint to go on from: the run starts at step 0')
    return null
  }
  const checkpoint = await loadCheckpoint(path, { withOptimizer: true })
  reporter.log('info', `Going on from ${path}, step ${checkpoint.state.step}`)
  return checkpoint
}

/** Takes the weights that the run starts from, and says what was taken and what was not. */
async function begin(
  order: TrainOrder,
  config: RunConfig,
  learner: Learner,
  reporter: Reporter,
): Promise<void> {
  const report = await startFrom(config, learner)
  if (report === null) return
  await mkdir(order.folder, { recursive: true })
  await writeFile(join(order.folder, 'start-report.json'), `${JSON.stringify(report, null, 2)}\n`)
  const { loaded, skipped, missing } = report
  const left = `${skipped.length} left out, ${missing.length} not in it`
  reporter.log('info', `Starting from ${config.start.weights}: ${loaded.length} tensors loaded, ${left}`)
  for (const { name, why } of skipped.slice(0, 10)) reporter.log('info', `${name} was left out: ${why}`)
}

function initialState(
  order: TrainOrder,
  config: RunConfig,
  { classes, indexHash }: DatasetFacts,
  { executor }: Learner,
  loader: Loader,
): RunState {
  const [height, width, channels] = executor.graph.inputShape
  return {
    format: 1,
    runId: order.runId,
    step: 0,
    epoch: 0,
    cursor: 0,
    stepsPerEpoch: loader.batchesPerEpoch,
    trainImageCount: loader.sampleCount,
    seed: config.training.seed,
    indexHash,
    evaluatedStep: null,
    best: null,
    patience: null,
    metrics: {},
    nonFinite: { inARow: 0, rollBacks: 0 },
    lossScale: { scale: 1, cleanSteps: 0, overflows: 0 },
    elapsedMs: 0,
    config: { ...config },
    configHash: configHash(config),
    codeVersion: packageInfo.version,
    ...(loader.decoder ? { imageDecoder: loader.decoder.library } : {}),
    classes: [...classes],
    inputShape: [height, width, channels],
  }
}

/**
 * A configuration from before a field was added is the same as one that leaves it at its default. A run may go on on another device:
 * that is chosen, and the trainer says which it is.
 */
function isSameConfig(state: RunState, now: RunState): boolean {
  if (state.configHash === now.configHash) return true
  const before = checkConfig(state.config).config
  return before !== null && configHash({ ...before, device: now.config['device'] }) === now.configHash
}

function decoderLine({ library, problem }: DecoderInfo): string {
  return `JPEG images are decoded by ${library}${problem === null ? '' : `; ${problem}`}`
}

/** @throws AppError checkpoint-mismatch when the order of the images would not be the one that was begun. */
function checkResumable({ path, state }: LoadedCheckpoint, now: RunState, reporter: Reporter): void {
  const fields = {
    stepsPerEpoch: 'steps per epoch',
    trainImageCount: 'training images',
    seed: 'as training.seed',
  } as const
  for (const [field, words] of Object.entries(fields) as [keyof typeof fields, string][]) {
    if (state[field] === now[field]) continue
    const message = `${path}: the run was begun with ${state[field]} ${words}, now it has ${now[field]}. Use the data set, batch size and seed it was begun with, or start a new run`
    throw new AppError('checkpoint-mismatch', message, {
      path,
      field,
      expected: now[field],
      got: state[field],
    })
  }
  if (!isSameConfig(state, now)) {
    reporter.log('warning', 'The configuration is not the one that this checkpoint was trained with')
  }
  if (state.imageDecoder !== undefined && state.imageDecoder !== now.imageDecoder) {
    const change = `${state.imageDecoder} when this checkpoint was written, ${now.imageDecoder ?? 'nothing'} now`
    reporter.log(
      'warning',
      `Images were decoded by ${change}: their pixels differ a little, so that going on is not equal to the last bit`,
    )
  }
  if (state.indexHash !== now.indexHash) {
    reporter.log(
      'warning',
      'The data set was scanned anew since this checkpoint, and something in it has changed',
    )
  }
  if (state.codeVersion !== now.codeVersion) {
    reporter.log(
      'warning',
      `The checkpoint was written by version ${state.codeVersion}, this is ${now.codeVersion}`,
    )
  }
}

/** A data set that cannot be validated on is told now, and not after the first epoch. @throws AppError data-invalid */
async function checkValidation(config: RunConfig, order: TrainOrder, facts: DatasetFacts): Promise<void> {
  const loader = await openLoader({ ...evaluationLoader(config, order.dataset, facts, null), threads: 0 })
  await loader.close()
}

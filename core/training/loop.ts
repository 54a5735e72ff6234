/**
 * The training loop, top to bottom: set up, go on from the newest checkpoint, then evaluate, save and train until the last step.
 *
 * `state.step` counts the steps done. Whatever depends on chance is a function of the seed and the step, so that a run that was
 * killed and resumed ends in the same weights, bit for bit, as one that never stopped.
 */
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import { openLoader } from '../data/index.ts'
import { AppError } from '../errors/index.ts'
import { classify } from '../evaluation/classification.ts'
import { listCheckpoints, newestValid, stepOf } from '../checkpoints/checkpointFolder.ts'
import { loadCheckpoint } from '../checkpoints/loadCheckpoint.ts'
import { evaluationLoader } from '../evaluation/loaderOptions.ts'
import { logLine } from './logLine.ts'
import { afterCleanStep, afterOverflow, startingScale, type LossScale } from './lossScale.ts'
import { nextBatch } from '../evaluation/nextBatch.ts'
import { explainStepError } from './outOfMemory.ts'
import type { Interruption, TrainOrder, TrainOutcome, TrainPorts } from './ports.ts'
import { prepareRun, stepSizeOf, type Run } from './prepareRun.ts'
import { agreedInterruption, combined, isLead, ownThreads, partOf, shared } from './ranks.ts'
import { createReporter, type Reporter } from './reporter.ts'
import { save, saveBeforeFailing } from './saveRun.ts'
import { trainStep, type StepFigures } from './trainStep.ts'

/** Steps in a row without a finite loss after which `skip` gives up. */
const maxSkips = 20
/** Roll-backs without a new checkpoint between them after which `roll-back` gives up. */
const maxRollBacks = 5

/**
 * Trains a run to its end, or until it is interrupted. The outcome is sent through the ports as well.
 * @throws AppError whatever made it fail, after it was sent as `failed`.
 */
export async function train(order: TrainOrder, ports: TrainPorts): Promise<TrainOutcome> {
  const reporter = createReporter(ports.send)
  try {
    const run = await prepareRun(order, ports, reporter)
    try {
      return await trainLoop(run)
    } catch (thrown) {
      await saveBeforeFailing(run, AppError.from(thrown))
      throw thrown
    } finally {
      await run.close()
    }
  } catch (thrown) {
    const error = AppError.from(thrown)
    const interruption = ports.interruption()
    // Another rank that was interrupted as well may be gone before this one has noticed.
    const isInterrupted = error.code === 'cancelled' || 'ranks' in error.details
    if (isInterrupted && interruption !== null) {
      const [newest] = await listCheckpoints(join(order.folder, 'checkpoints'))
      return end(reporter, newest === undefined ? 0 : stepOf(newest), interruption)
    }
    reporter.send({ type: 'failed', error: error.toReply() })
    throw error
  } finally {
    reporter.close()
  }
}

async function trainLoop(run: Run): Promise<TrainOutcome> {
  const { ports, reporter, totalSteps } = run
  for (;;) {
    if (isEvaluationDue(run)) await evaluate(run)

    const isDone = run.state.step === totalSteps && !isEvaluationDue(run)
    const interruption = isDone ? null : await agreedInterruption(run.collective, ports.interruption())
    if (isDone || interruption !== null) {
      await save(run, { isLast: true })
      // Asked again: a stop may have come while a pause was being saved for.
      const cause = isDone ? null : (ports.interruption() ?? interruption)
      return end(reporter, run.state.step, cause, isDone ? 'finished' : undefined)
    }
    if (isSaveDue(run)) await save(run, { isLast: false })

    const problem = await takeStep(run)
    if (problem !== null) {
      // Older checkpoints stay: the newest may hold weights that were on their way to infinity.
      await save(run, { isLast: true, keepAll: true })
      reporter.log('error', problem)
      return end(reporter, run.state.step, null, 'stopped', problem)
    }
    await setImmediate() // messages and signals arrive here
  }
}

/** One step of training; none when interrupted while it waits for images. @returns why the run must stop, or null. */
async function takeStep(run: Run): Promise<string | null> {
  const { config, facts, learner, length, pace, precision, schedule, reporter, state } = run
  const startedAt = performance.now()
  const step = state.step + 1
  reportPhase(run)
  // One of several ranks must not give up by itself: the others are in the step already.
  const batch = await nextBatch(
    run.loader,
    () => run.collective === null && run.ports.interruption() !== null,
  )
  if (batch === 'given-up') return null // the loop asks again, and ends
  if (!batch) throw new AppError('internal', `The loader ended before step ${step} of ${run.totalSteps}`)
  for (const { name, problem } of batch.bad) reporter.badImage(name, problem)
  const learningRate = schedule(state.step, length)
  const isLogged = step % config.training.logEverySteps === 0 || step === run.totalSteps
  const decayLoss = isLogged ? await learner.decayLoss() : 0
  const figures = await trainStep(learner, batch, {
    input: config.input,
    loss: run.loss,
    classCount: facts.classes.length,
    learningRate,
    lossScale: state.lossScale.scale,
    step: state.step,
    seed: config.training.seed,
    collective: run.collective,
  }).catch((thrown: unknown) => {
    throw explainStepError(thrown, stepSizeOf(run))
  })
  batch.release()
  const elapsedMs = performance.now() - startedAt
  pace.step(batch.count * partOf(run.collective).count, elapsedMs)

  const lossScale = nextScale(run, figures)
  const isFault = figures.nonFinite !== null && lossScale === null
  const problem = isFault ? await handleNonFinite(run, figures) : null
  if (problem !== null) return problem
  const values = pointValues(precision, state, figures, learningRate)
  const epoch = step / length.stepsPerEpoch
  run.state = {
    ...run.state,
    step,
    epoch,
    cursor: step,
    elapsedMs: state.elapsedMs + elapsedMs,
    metrics: { ...state.metrics, ...finiteOnly(values) },
    nonFinite: { ...run.state.nonFinite, inARow: isFault ? state.nonFinite.inARow + 1 : 0 },
    ...(lossScale === null ? {} : { lossScale }),
  }
  reportStep(run, values, isLogged ? decayLoss : null)
  return null
}

/** The loss scale after a step; null when the step is not finite for a reason that no scale removes. */
function nextScale({ precision, reporter, state }: Run, { nonFinite }: StepFigures): LossScale | null {
  if (nonFinite === null) return afterCleanStep(precision.lossScale, state.lossScale)
  // The loss is computed before it is scaled.
  const next = nonFinite === 'loss' ? null : afterOverflow(precision.lossScale, state.lossScale)
  // The search for the largest scale that fits overflows now and then; the first times, and ever more seldom, are worth a line.
  if (next !== null && Number.isInteger(Math.log2(next.overflows))) {
    const count = next.overflows === 1 ? 'the first' : `${next.overflows} so far`
    reporter.log(
      'info',
      `Step ${state.step + 1}: the gradient of ${nonFinite} overflowed at loss scale ${state.lossScale.scale}. The step is left out, the scale is now ${next.scale} (${count})`,
    )
  }
  return next
}

/** Of the step and of the state before it. The scale counts where it may change the outcome. */
function pointValues(
  precision: Run['precision'],
  { lossScale }: Run['state'],
  { loss, top1, top5 }: StepFigures,
  learningRate: number,
): StepValues {
  const values = { 'train/loss': loss, 'train/top1': top1, 'train/top5': top5, 'train/lr': learningRate }
  return precision.lossScale.mode === 'none' ? values : { ...values, 'train/lossScale': lossScale.scale }
}

type StepValues = Readonly<Record<'train/loss' | 'train/lr', number>> & Record<string, number>

/** Sends the point of a step and, on log steps (`decayLoss` not null), the line of the log. */
function reportStep(run: Run, stepValues: StepValues, decayLoss: number | null): void {
  const { reporter, pace } = run
  const { step, epoch } = run.state
  const { 'train/loss': loss, 'train/lr': learningRate } = stepValues
  const values: Record<string, number> = { ...stepValues }
  if (decayLoss !== null) {
    const totalLoss = loss + decayLoss
    const imagesPerSecond = pace.sinceMark() ?? 0
    pace.mark()
    values['train/totalLoss'] = totalLoss
    values['train/imagesPerSecond'] = imagesPerSecond
    reporter.log('info', logLine({ step, epoch, imagesPerSecond, loss, totalLoss, learningRate }))
  }
  reporter.speed(pace.imagesPerSecond())
  reporter.point({ step, epoch, wallMs: Date.now(), values })
}

/** Acts on a loss or gradient that is not finite; weights are as before the step. @returns why the run must stop, or null. */
async function handleNonFinite(run: Run, figures: StepFigures): Promise<string | null> {
  const { config, reporter, state } = run
  const what =
    figures.nonFinite === 'loss'
      ? `the loss is ${figures.loss}`
      : `the gradient of ${figures.nonFinite} is not finite${scaleWords(run)}`
  const where = `Step ${state.step + 1}: ${what}`
  const advice = 'A lower learning rate or a longer warm-up usually helps'
  const { inARow, rollBacks } = state.nonFinite
  const policy = config.training.nanPolicy
  if (policy === 'stop') return `${where}. The step was not applied and the run stops. ${advice}`
  if (policy === 'skip') {
    if (inARow + 1 >= maxSkips) return `${where}, for ${maxSkips} steps in a row. The run stops. ${advice}`
    reporter.log('warning', `${where}. The step is left out`)
    return null
  }
  const isHopeless = await shared(run.collective, rollBacks >= maxRollBacks)
  if (isHopeless)
    return `${where}, after ${maxRollBacks} roll-backs to the same checkpoint. The run stops. ${advice}`
  const path = await rollBack(run)
  if (path === null)
    return `${where}. There is no checkpoint to roll back to yet, so the run stops. ${advice}`
  run.state = { ...run.state, nonFinite: { ...state.nonFinite, rollBacks: rollBacks + 1 } }
  reporter.log(
    'warning',
    `${where}. The weights of ${path} were restored; the run goes on with the next batch`,
  )
  return null
}

/** Restores weights and loss scale of the newest checkpoint. @returns where it lies, or null when there is none. */
async function rollBack(run: Run): Promise<string | null> {
  const { collective, learner, precision } = run
  const own = isLead(collective) ? await newestValid(run.folder, run.reporter.damaged) : null
  const path = await shared(collective, own)
  if (path === null) return null
  const checkpoint = isLead(collective) ? await loadCheckpoint(path, { withOptimizer: true }) : null
  if (checkpoint) learner.restore(checkpoint)
  const lossScale = await shared(collective, startingScale(precision.lossScale, checkpoint?.state.lossScale))
  if (collective) await learner.replace('all', tensor => collective.broadcast(tensor))
  run.state = { ...run.state, lossScale }
  return path
}

/** Told where a scale is in force, as too large a static one is the likeliest cause. */
function scaleWords({ precision, state }: Run): string {
  return precision.lossScale.mode === 'none' ? '' : ` at loss scale ${state.lossScale.scale}`
}

/** Validates, unless interrupted: then it stays due and is made up for after resuming. */
async function evaluate(run: Run): Promise<void> {
  const { config, order, facts, reporter, ports, collective, learner } = run
  const startedAt = performance.now()
  const part = partOf(collective)
  const loader = await openLoader(
    evaluationLoader(ownThreads(collective, config), order.dataset, facts, null, part),
  )
  try {
    // Each rank has its own running statistics, of its own images: those of rank 0 count, as they are the ones that are saved.
    if (collective) await learner.replace('buffers', tensor => collective.broadcast(tensor))
    const ownFigures = await classify(learner.executor, loader, config.input, {
      progress: (ownDone, total) => {
        const done = Math.min(ownDone * part.count, total)
        const etaMs = Math.round(((performance.now() - startedAt) / done) * (total - done))
        reporter.phase({ phase: 'evaluating', done, total, etaMs })
      },
      isCancelled: () => ports.interruption() !== null,
      bad: reporter.badImage,
    })
    const figures = await combined(collective, ownFigures)
    if (figures === null) return
    const { step, epoch } = run.state
    const { loss, top1, top5 } = figures
    const values = { 'val/loss': loss, 'val/top1': top1, 'val/top5': top5 }
    const isBest = Number.isFinite(loss) && (run.state.best === null || top1 >= run.state.best.top1)
    run.state = {
      ...run.state,
      evaluatedStep: step,
      metrics: { ...withoutValidation(run.state.metrics), ...finiteOnly(values) },
      best: isBest ? { top1, step } : run.state.best,
    }
    reporter.point({ step, epoch, wallMs: Date.now(), values })
    const shares = `top1: ${top1.toFixed(4)} top5: ${top5.toFixed(4)} loss: ${loss.toFixed(3)}`
    reporter.log('info', `validation step: ${step} epoch: ${epoch.toFixed(1)} ${shares}`)
  } finally {
    await loader.close()
    run.pace.evaluation(performance.now() - startedAt)
  }
}

function isEvaluationDue({ state, config, length, totalSteps }: Run): boolean {
  const { step, evaluatedStep } = state
  if (step === 0 || evaluatedStep === step) return false
  return step === totalSteps || step % (config.training.evaluateEveryEpochs * length.stepsPerEpoch) === 0
}

function isSaveDue({ state: { step }, config: { checkpoints }, length }: Run): boolean {
  if (step === 0) return false
  const isStepDue = checkpoints.everySteps > 0 && step % checkpoints.everySteps === 0
  return isStepDue || step % (checkpoints.everyEpochs * length.stepsPerEpoch) === 0
}

function reportPhase({ reporter, pace, state: { step }, totalSteps, config, length }: Run): void {
  const epochsLeft = config.training.epochs - step / length.stepsPerEpoch
  const evaluations = Math.ceil(epochsLeft / config.training.evaluateEveryEpochs)
  const saves = Math.ceil(epochsLeft / config.checkpoints.everyEpochs)
  const etaMs = pace.etaMs({ steps: totalSteps - step, evaluations, saves })
  // The first step compiles and warms caches and says nothing about the rest.
  reporter.phase({ phase: etaMs === null ? 'warming-up' : 'training', done: step, total: totalSteps, etaMs })
}

function end(
  reporter: Reporter,
  step: number,
  interruption: Interruption | null,
  outcome: TrainOutcome['outcome'] = interruption === 'pause' ? 'paused' : 'stopped',
  reason?: string,
): TrainOutcome {
  reporter.send({ type: 'finished', outcome, step, ...(reason === undefined ? {} : { reason }) })
  return { outcome, step, interruption }
}

function withoutValidation(metrics: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).filter(([name]) => !name.startsWith('val/')))
}

function finiteOnly(values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value)))
}

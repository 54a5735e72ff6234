/**
 * The training loop, top to bottom: set up, go on from the newest checkpoint, then evaluate, save and train until the last step.
 *
 * `state.step` counts the steps done. Whatever depends on chance is a function of the seed and the step, so that a run that was
 * killed and resumed ends in the same weights, bit for bit, as one that never stopped.
 */
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import { AppError } from '../errors/index.ts'
import { listCheckpoints, stepOf } from '../checkpoints/checkpointFolder.ts'
import { finiteOnly } from './figures.ts'
import { afterCleanStep, afterOverflow, type LossScale } from './lossScale.ts'
import { nextBatch } from '../evaluation/nextBatch.ts'
import { handleNonFinite } from './nonFinite.ts'
import { explainStepError } from './outOfMemory.ts'
import type { Interruption, TrainOrder, TrainOutcome, TrainPorts } from './ports.ts'
import { prepareRun, stepSizeOf, type Run } from './prepareRun.ts'
import { agreedInterruption, partOf } from './ranks.ts'
import { scaledRate, scheduledStep } from './runLength.ts'
import { createReporter, type Reporter } from './reporter.ts'
import { save, saveBeforeFailing } from './saveRun.ts'
import { trainStep, type StepFigures } from './trainStep.ts'
import { earlyEnd, isEvaluationDue, validate } from './validate.ts'

/**
 * Trains a run to its end, or until it is interrupted. The outcome is sent through the ports as well.
 * @throws AppError whatever made it fail, after it was sent as `failed`.
 */
export async function train(order: TrainOrder, ports: TrainPorts): Promise<TrainOutcome> {
  const reporter = createReporter(ports.send, () => ports.reportEveryMs?.() ?? 100)
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
    if (isEvaluationDue(run)) await validate(run)

    const early = earlyEnd(run)
    const isDone = (run.state.step === totalSteps && !isEvaluationDue(run)) || early !== null
    const interruption = isDone ? null : await agreedInterruption(run.collective, ports.interruption())
    if (isDone || interruption !== null) {
      await save(run, { isLast: true })
      // Asked again: a stop may have come while a pause was being saved for.
      const cause = isDone ? null : (ports.interruption() ?? interruption)
      if (isDone && early !== null) reporter.log('info', early)
      return end(reporter, run.state.step, cause, isDone ? 'finished' : undefined, early ?? undefined)
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
  const dataMs = performance.now() - startedAt
  for (const { name, problem } of batch.bad) reporter.badImage(name, problem)
  const learningRate = scaledRate(
    config,
    schedule(scheduledStep(config, state.step, length.stepsPerEpoch), length),
  )
  const isLogged = step % config.training.logEverySteps === 0 || step === run.totalSteps
  const decayLoss = isLogged ? await learner.decayLoss() : 0
  const figures = await trainStep(learner, batch, {
    input: config.input,
    loss: run.loss,
    classCount: facts.classes.length,
    learningRate,
    lossScale: state.lossScale.scale,
    step: state.step,
    stepsPerEpoch: length.stepsPerEpoch,
    seed: config.training.seed,
    accumulate: config.training.accumulate,
    clip: config.training.clip,
    mixing: config.mixing,
    wantsNorm: isLogged,
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
  const { loss, top1, top5 } = figures
  const numbers = { seconds: elapsedMs / 1000, dataSeconds: dataMs / 1000, loss, top1, top5 }
  const epochLines = run.log.add(step, numbers, batch.count)
  pace.waitedForData(dataMs)
  const parts = isLogged ? partsOf(figures, pace.dataWaitMs(), elapsedMs - dataMs) : {}
  reportStep(run, { ...values, ...parts, ...run.ports.machine?.() }, isLogged ? decayLoss : null)
  for (const line of epochLines) reporter.log('info', line)
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
  { loss, top1, top5, gradientNorm }: StepFigures,
  learningRate: number,
): StepValues {
  const values = {
    ...{ 'train/loss': loss, 'train/top1': top1, 'train/top5': top5, 'train/lr': learningRate },
    ...(gradientNorm === null ? {} : { 'train/gradientNorm': gradientNorm }),
  }
  return precision.lossScale.mode === 'none' ? values : { ...values, 'train/lossScale': lossScale.scale }
}

/** Where the time of a step goes; of the wait for images the mean since the last time, as it comes in bursts. */
function partsOf(
  { times }: StepFigures,
  dataWaitMs: number,
  computedMs: number,
): Readonly<Record<string, number>> {
  const { forwardMs, backwardMs, updateMs } = times
  return {
    'system/dataWaitMs': dataWaitMs,
    'system/forwardMs': forwardMs,
    'system/backwardMs': backwardMs,
    'system/updateMs': updateMs,
    'system/otherMs': Math.max(0, computedMs - forwardMs - backwardMs - updateMs),
  }
}

type StepValues = Readonly<Record<'train/loss' | 'train/lr', number>> & Record<string, number>

/** Sends the point of a step and, on log steps (`decayLoss` not null), the line of the log. */
function reportStep(run: Run, stepValues: StepValues, decayLoss: number | null): void {
  const { reporter, pace } = run
  const { step, epoch } = run.state
  const { 'train/loss': loss, 'train/lr': learningRate } = stepValues
  const values: Record<string, number> = { ...stepValues }
  let line: string | null = null
  if (decayLoss !== null) {
    const totalLoss = loss + decayLoss
    const imagesPerSecond = pace.sinceMark() ?? 0
    pace.mark()
    values['train/totalLoss'] = totalLoss
    values['train/imagesPerSecond'] = imagesPerSecond
    line = run.log.stepLine({ imagesPerSecond, totalLoss, learningRate })
  }
  reporter.speed(pace.imagesPerSecond())
  reporter.point({ step, epoch, wallMs: Date.now(), values })
  if (line !== null) reporter.log('info', line)
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

/** Validation while a run trains: when it is due, what it says of the run, and when there is no hope of better. */
import { performance } from 'node:perf_hooks'
import { openLoader } from '../data/index.ts'
import { classify } from '../evaluation/classification.ts'
import { evaluationLoader } from '../evaluation/loaderOptions.ts'
import { checkpointName } from '../checkpoints/checkpointFolder.ts'
import { finiteOnly } from './figures.ts'
import type { Run } from './prepareRun.ts'
import { combined, ownThreads, partOf } from './ranks.ts'

/** Validates, unless interrupted: then it stays due and is made up for after resuming. */
export async function validate(run: Run): Promise<void> {
  const { config, order, facts, reporter, ports, collective, learner } = run
  const startedAt = performance.now()
  const part = partOf(collective)
  const loader = await openLoader(
    evaluationLoader(ownThreads(collective, config), order.dataset, facts, null, part),
  )
  try {
    // Each rank has its own running statistics, of its own images: those of rank 0 count, as they are the ones that are saved.
    if (collective) await learner.replace('buffers', tensor => collective.broadcast(tensor))
    const average = config.training.ema.evaluate ? learner.average : null
    const watched = {
      progress: (ownDone: number, total: number) => {
        const done = Math.min(ownDone * part.count, total)
        const etaMs = Math.round(((performance.now() - startedAt) / done) * (total - done))
        reporter.phase({ phase: 'evaluating', done, total, etaMs })
      },
      isCancelled: () => ports.interruption() !== null,
      bad: reporter.badImage,
    }
    const judge = (): ReturnType<typeof classify> => classify(learner.executor, loader, config.input, watched)
    const ownFigures = await (average ? average.during(judge) : judge())
    const figures = await combined(collective, ownFigures)
    if (figures === null) return
    const { step, epoch } = run.state
    const { loss, top1, top5 } = figures
    const values = { 'val/loss': loss, 'val/top1': top1, 'val/top5': top5 }
    const isBest =
      Number.isFinite(loss) && isBetter(config.checkpoints.bestBy, { top1, loss }, run.state.best)
    run.state = {
      ...run.state,
      evaluatedStep: step,
      metrics: { ...withoutValidation(run.state.metrics), ...finiteOnly(values) },
      best: isBest ? { top1, loss, step } : run.state.best,
      patience: patienceAfter(run, { top1, loss }),
    }
    reporter.point({ step, epoch, wallMs: Date.now(), values })
    if (!Number.isFinite(loss)) reporter.log('warning', notFinite(step))
    const place = { step, epoch, checkpoint: checkpointName(step), at: new Date() }
    const lines = run.log.evaluationLines({
      ...figures,
      ...place,
      imageCount: loader.imagesPerEpoch,
    })
    for (const line of lines) reporter.log('info', line)
  } finally {
    await loader.close()
    run.pace.evaluation(performance.now() - startedAt)
  }
}

export function isEvaluationDue({ state, config, length, totalSteps }: Run): boolean {
  if (config.training.mode === 'train') return false
  const { step, evaluatedStep } = state
  if (step === 0 || evaluatedStep === step) return false
  return step === totalSteps || step % (config.training.evaluateEveryEpochs * length.stepsPerEpoch) === 0
}

function notFinite(step: number): string {
  return `The validation after step ${step} gave outputs that are no finite numbers: its figures say nothing. Often the running statistics have seen too few steps yet, or the learning rate is too high`
}

type Judged = Readonly<Record<'top1' | 'loss', number>>

/** Of two that are equally good, the newer counts as better. */
function isBetter(by: 'top1' | 'loss', now: Judged, best: Run['state']['best']): boolean {
  if (best === null) return true
  return by === 'top1' ? now.top1 >= best.top1 : now.loss <= (best.loss ?? Infinity)
}

/** What early stopping has seen after a validation. */
function patienceAfter({ config, state }: Run, now: Judged): Run['state']['patience'] {
  const { bestBy } = config.checkpoints
  // Counted so that more is better.
  const figure = bestBy === 'top1' ? now.top1 : -now.loss
  const before = state.patience
  const isImproved = before === null || figure > before.figure + config.training.earlyStopping.minChange
  return Number.isFinite(figure) && isImproved ? { figure, step: state.step } : before
}

/** Why the run ends before its last step, or null. */
export function earlyEnd({ config, state: { step, patience }, length }: Run): string | null {
  const { patienceEpochs } = config.training.earlyStopping
  if (patienceEpochs === 0 || patience === null) return null
  if (step - patience.step < patienceEpochs * length.stepsPerEpoch) return null
  const { bestBy } = config.checkpoints
  const best = `${bestBy} ${(bestBy === 'top1' ? patience.figure : -patience.figure).toFixed(4)}`
  return `Ended early: no better validation than ${best} of step ${patience.step} for ${patienceEpochs} epochs`
}

function withoutValidation(metrics: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).filter(([name]) => !name.startsWith('val/')))
}

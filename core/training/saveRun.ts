/** Saves a run while it trains: the checkpoint, then what the retention rule says about the older ones. */
import { performance } from 'node:perf_hooks'
import { AppError } from '../errors/index.ts'
import { setAside } from '../checkpoints/checkpointFolder.ts'
import type { Run } from './prepareRun.ts'
import { isLead } from './ranks.ts'
import { applyRetention, type RetentionOutcome } from '../checkpoints/retention.ts'
import { saveCheckpoint } from '../checkpoints/saveCheckpoint.ts'

export interface SaveOptions {
  /** The run ends with it: a failure then fails the run. Else the run goes on and tries again at the next occasion. */
  readonly isLast: boolean
  /** Delete no older checkpoint. */
  readonly keepAll?: boolean
}

/**
 * Saves the state as it is, unless the newest checkpoint already holds it or nothing was trained yet. Of several ranks, the first one
 * saves, and the others wait for it.
 * @throws AppError disk-full or data-unreadable, for the last checkpoint only.
 */
export async function save(run: Run, options: SaveOptions): Promise<void> {
  if (isLead(run.collective)) await saveState(run, options)
  await run.collective?.barrier()
}

async function saveState(run: Run, { isLast, keepAll = false }: SaveOptions): Promise<void> {
  const { reporter, ports, folder, saved, config } = run
  const { step, evaluatedStep } = run.state
  if (step === 0 || (saved?.step === step && saved.evaluatedStep === evaluatedStep)) return
  const startedAt = performance.now()
  reporter.phase({ phase: 'saving', done: 0, total: 0, etaMs: null })
  const state = { ...run.state, nonFinite: { ...run.state.nonFinite, rollBacks: 0 } }
  try {
    const written = await saveCheckpoint(folder, { ...run.learner.sources(), state }, ports.fs)
    const rule = keepAll ? { ...config.checkpoints, keepLast: Infinity } : config.checkpoints
    const { removed, problem, failure } = await applyRetention(folder, rule, ports.fs).catch(unfinished)
    if (problem !== null) {
      await setAside(folder, written.name)
      reporter.damaged({ name: written.name, problem })
      throw new AppError(
        'checkpoint-damaged',
        `${written.path}: what was written does not read back: ${problem}`,
      )
    }
    run.state = state
    run.saved = state
    const { epoch, metrics } = state
    reporter.send({ type: 'checkpoint', checkpoint: { ...written, step, epoch, metrics } })
    for (const name of removed) reporter.send({ type: 'checkpoint-removed', name })
    if (failure !== null)
      reporter.log('warning', `${written.name} was saved, but older ones could not go. ${failure.message}`)
  } catch (thrown) {
    const error = AppError.from(thrown)
    if (isLast || error.code === 'internal') throw error
    reporter.log('warning', `The checkpoint was not saved, older ones are as they were. ${error.message}`)
  } finally {
    run.pace.save(performance.now() - startedAt)
  }
}

/**
 * Saves what a run that fails has learned since its newest checkpoint. Older ones stay. Nothing is saved when it failed in the midst
 * of an update, as part of the weights is then of the next step.
 */
export async function saveBeforeFailing(run: Run, cause: AppError): Promise<void> {
  const { reporter, learner } = run
  if (cause.code === 'disk-full') return // it was saving that failed
  if (!isLead(run.collective)) return
  if (!learner.isWhole()) {
    reporter.log('warning', 'The run failed in the midst of an update: the newest checkpoint stays as it is')
    return
  }
  try {
    await saveState(run, { isLast: true, keepAll: true })
  } catch (thrown) {
    reporter.log('warning', `The state before the failure was not saved. ${AppError.from(thrown).message}`)
  }
}

/** The new checkpoint is there, whatever went wrong with the older ones. */
function unfinished(thrown: unknown): RetentionOutcome {
  return { removed: [], problem: null, failure: AppError.from(thrown) }
}

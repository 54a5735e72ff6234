/** Saves a run while it trains: the checkpoint, then what the retention rule says about the older ones. */
import { performance } from 'node:perf_hooks'
import { AppError } from '../errors/index.ts'
import { setAside } from '../checkpoints/checkpointFolder.ts'
import type { Run } from './prepareRun.ts'
import { applyRetention } from '../checkpoints/retention.ts'
import { saveCheckpoint } from '../checkpoints/saveCheckpoint.ts'

export interface SaveOptions {
  /** The run ends with it: a failure then fails the run. Else the run goes on and tries again at the next occasion. */
  readonly isLast: boolean
  /** Delete no older checkpoint. */
  readonly keepAll?: boolean
}

/**
 * Saves the state as it is, unless the newest checkpoint already holds it or nothing was trained yet.
 * @throws AppError disk-full or data-unreadable, for the last checkpoint only.
 */
export async function save(run: Run, { isLast, keepAll = false }: SaveOptions): Promise<void> {
  const { reporter, ports, folder, saved, config } = run
  const { step, evaluatedStep } = run.state
  if (step === 0 || (saved?.step === step && saved.evaluatedStep === evaluatedStep)) return
  const startedAt = performance.now()
  reporter.phase({ phase: 'saving', done: 0, total: 0, etaMs: null })
  const state = { ...run.state, nonFinite: { ...run.state.nonFinite, rollBacks: 0 } }
  try {
    const written = await saveCheckpoint(folder, { ...run.learner.sources(), state }, ports.fs)
    const rule = keepAll ? { ...config.checkpoints, keepLast: Infinity } : config.checkpoints
    const { removed, problem } = await applyRetention(folder, rule, ports.fs)
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
  } catch (thrown) {
    const error = AppError.from(thrown)
    if (isLast || error.code === 'internal') throw error
    reporter.log('warning', `The checkpoint was not saved, older ones are as they were. ${error.message}`)
  } finally {
    run.pace.save(performance.now() - startedAt)
  }
}

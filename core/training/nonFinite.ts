/** What a run does about a loss or gradient that is not finite. */
import { newestValid } from '../checkpoints/checkpointFolder.ts'
import { loadCheckpoint } from '../checkpoints/loadCheckpoint.ts'
import { startingScale } from './lossScale.ts'
import type { Run } from './prepareRun.ts'
import { isLead, shared } from './ranks.ts'
import type { StepFigures } from './trainStep.ts'

/** Steps in a row without a finite loss after which `skip` gives up. */
const maxSkips = 20
/** Roll-backs without a new checkpoint between them after which `roll-back` gives up. */
const maxRollBacks = 5

/** Acts on a loss or gradient that is not finite; weights are as before the step. @returns why the run must stop, or null. */
export async function handleNonFinite(run: Run, figures: StepFigures): Promise<string | null> {
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

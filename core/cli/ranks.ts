/**
 * Training in ranks that were started from outside, each by the same command: torchrun, Slurm, MPI, or by hand. Rank 0 keeps the run
 * as always; the others train for it, and keep nothing.
 */
import { meetingVariable, placeFromEnvironment } from '../processes/rankPlace.ts'
import { waitingWords } from '../backend/torch/ranks/place.ts'
import { AppError } from '../errors/index.ts'
import type { FromTrainer, Interruption, TrainPorts } from '../training/index.ts'
import type { Invocation } from './commands/shared/command.ts'
import type { Session } from './session.ts'

/**
 * To be called first by a command that trains.
 * @returns null where the command goes on as usual: it trains alone, or is rank 0; else what a rank without a run of its own prints,
 * once the run has ended.
 * @throws AppError invalid-config for environment variables that make no sense; what the training throws
 */
export async function trainForRankZero(invocation: Invocation): Promise<Record<string, unknown> | null> {
  const place = placeFromEnvironment(process.env)
  if (place === null) return null
  const { rank, world } = place
  if (rank === 0) {
    process.env[meetingVariable] = 'environment' // for the trainer, which is a child of this process
    return null
  }
  const [{ trainAsRank }, { startBackend }] = await Promise.all([
    import('../processes/ranks.ts'),
    import('../backend/index.ts'),
  ])
  invocation.output.note(waitingWords(place))
  const ports: TrainPorts = {
    send: message => tell(invocation, message),
    interruption: () => interruptionOf(invocation),
    startBackend,
  }
  const { outcome, step } = await trainAsRank(place, null, ports)
  if (outcome !== 'finished') throw new AppError('cancelled', `Rank ${rank}: ${outcome} at step ${step}`)
  return { rank, world, step }
}

/** @throws AppError conflict where a workbench runs already: its trainers are not in this command's environment. */
export function checkOwnHost(session: Session): void {
  if (process.env[meetingVariable] !== 'environment' || session.url === null) return
  const message =
    'A workbench is open for this data folder, and it cannot join the ranks that were started here. Close it, or set MULTIGRAIN_HOME to another folder for this command'
  throw new AppError('conflict', message, { url: session.url })
}

/** @throws AppError invalid-config when the configuration starts ranks as well. */
export function checkOneSource(ranks: number): void {
  if (process.env[meetingVariable] !== 'environment' || ranks === 1) return
  const message = `training.ranks: expected 1, as the ranks of this run were started from outside (WORLD_SIZE), got ${ranks}. Leave --ranks out`
  throw new AppError('invalid-config', message, { field: 'training.ranks', value: ranks })
}

/** Rank 0 reports; what only this rank knows is told here. */
function tell({ output }: Invocation, message: FromTrainer): void {
  if (message.type === 'log' && message.level !== 'info') output.note(`${message.level}: ${message.text}`)
}

function interruptionOf({ interruption }: Invocation): Interruption | null {
  if (interruption.exitCode === null) return null
  return interruption.exitCode === 143 ? 'terminate' : 'stop'
}

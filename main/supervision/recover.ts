/** Puts right, at the start of a host, what a host that died left behind. */
import { AppError } from '../../core/errors/index.ts'
import { failureOf, type Workbench } from '../../core/handlers/index.ts'
import type { StoredRun } from '../../core/store/index.ts'
import { isAlive } from './processMark.ts'
import type { Reconciler } from './reconcile.ts'

type Context = Pick<Workbench, 'store' | 'emit'>

/**
 * Runs that were training are interrupted: their trainer has noticed the broken channel, saves and ends. Checkpoints that it saved
 * unheard are found in its folder.
 * @param onAlive is told of each run whose trainer still lives.
 */
export function recover(context: Context, reconciler: Reconciler, onAlive: (runId: string) => void): void {
  const { store } = context
  const left = store.runs.withStatus(['starting', 'running', 'pausing', 'stopping'])
  const now = Date.now()
  const error = new AppError(
    'trainer-lost',
    'The workbench ended while this run trained. Resume goes on from its newest checkpoint',
  )
  store.writeDurably(() => {
    for (const run of left) interrupt(context, run, error, now)
    store.evaluations.failUnfinished(
      failureOf(new AppError('cancelled', 'The workbench ended before the evaluation did')),
      now,
    )
  })
  for (const run of left) {
    const process = store.attempts.lastProcess(store.runs.number(run.id))
    if (process && isAlive(process)) onAlive(run.id)
    findCheckpoints(context, reconciler, run.id)
  }
}

function interrupt({ store }: Context, run: StoredRun, error: AppError, now: number): void {
  const number = store.runs.number(run.id)
  // What the user had asked for came true: the trainer saved and ended.
  const status = run.status === 'pausing' ? 'paused' : run.status === 'stopping' ? 'stopped' : 'interrupted'
  const last = store.attempts.list(number).at(-1)
  if (last && last.endedAt === null) store.attempts.end(number, last.number, now, status)
  store.runs.change(run.id, {
    ...{ status, endedAt: now },
    error: status === 'interrupted' ? failureOf(error) : null,
  })
}

/** Finds what a trainer saved unheard, and says so. */
export function findCheckpoints(
  { emit }: Pick<Context, 'emit'>,
  reconciler: Reconciler,
  runId: string,
): void {
  reconciler.request(runId, found => {
    if (found === 0) return
    const message = `Run ${runId}: found ${found} ${found === 1 ? 'checkpoint' : 'checkpoints'} saved after the workbench ended`
    emit.system.onNotice({ level: 'info', message })
  })
}

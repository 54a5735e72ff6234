/** Watches a run until it ends: a bar on a terminal, its log lines elsewhere. A signal stops the run, which saves first. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Checkpoint, RunSummary } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import type { Invocation } from './commands/shared/command.ts'
import { duration, percent } from './output.ts'
import { program } from './program.ts'
import type { Session } from './session.ts'

const everyMs = 300
const ended: readonly RunSummary['status'][] = ['paused', 'stopped', 'finished', 'failed', 'interrupted']

/**
 * @param afterLogLine number of the last log line that is known already.
 * @returns what `--json` prints: run, figures of its newest checkpoint, and where that lies.
 * @throws AppError what the run failed with, or cancelled when it was stopped.
 */
export async function followRun(
  invocation: Invocation,
  session: Session,
  id: string,
  afterLogLine = -1,
): Promise<Record<string, unknown>> {
  const run = await watchRun(invocation, session, id, afterLogLine)
  await waitForOthers(invocation, session, id)
  const checkpoint = await newestCheckpoint(session, id)
  const outcome = summary(run, checkpoint)
  if (run.status === 'failed' || run.status === 'interrupted') {
    const error = run.error ?? { code: 'trainer-lost', message: `Run ${id} was interrupted`, details: {} }
    const advice =
      run.status === 'interrupted' && checkpoint
        ? `. \`${program} resume ${id}\` goes on from its newest checkpoint`
        : ''
    throw new AppError(error.code as AppError['code'], `${error.message}${advice}`, {
      ...error.details,
      ...outcome,
    })
  }
  if (run.status !== 'finished') {
    const message = `Run ${id} was ${run.status} at step ${run.step}. \`${program} resume ${id}\` goes on`
    throw new AppError('cancelled', message, outcome)
  }
  const { output } = invocation
  output.line(`Run ${id} finished in ${duration(run.elapsedMs)}`)
  output.line(
    `top-1 ${percent(run.top1)}, top-5 ${percent(run.top5)}, loss ${run.valLoss?.toFixed(4) ?? '–'}`,
  )
  if (checkpoint) output.line(`Checkpoint: ${checkpoint.path}`)
  return outcome
}

export async function watchRun(
  invocation: Invocation,
  session: Session,
  id: string,
  afterLogLine: number,
): Promise<RunSummary> {
  const { interruption, output } = invocation
  const { client } = session
  const log = logPrinter(invocation, session, id, afterLogLine)
  let hasAskedToStop = false
  for (;;) {
    const run = await client.runs.get({ id })
    await log()
    if (ended.includes(run.status)) {
      output.clearProgress()
      return run
    }
    if (interruption.exitCode !== null && !hasAskedToStop) {
      hasAskedToStop = true
      // It may have ended by itself in this very moment.
      await client.runs.stop({ id }).catch(() => {})
    }
    if (process.stderr.isTTY) output.progress(...progressOf(run))
    const signal = hasAskedToStop ? undefined : interruption.signal
    await sleep(everyMs, undefined, signal ? { signal } : {}).catch(() => {})
  }
}

/**
 * Runs that other commands have put into this process's host end with it: they are waited for, unless the user says otherwise. With a
 * host of another process there is nothing to wait for.
 */
async function waitForOthers(
  { interruption, output }: Invocation,
  { client, url }: Session,
  id: string,
): Promise<void> {
  let told = ''
  while (url === null && interruption.exitCode === null) {
    const others = (await client.runs.list({})).filter(run => run.id !== id && !ended.includes(run.status))
    if (others.length === 0) return
    const names = others.map(run => run.id).join(', ')
    if (names !== told) output.note(`Waiting for ${names}, which train in this process; Ctrl-C stops them`)
    told = names
    await sleep(everyMs, undefined, { signal: interruption.signal }).catch(() => {})
  }
}

/** Prints the lines that came since the last call; on a terminal only warnings and errors, as the bar tells the rest. */
function logPrinter(
  invocation: Invocation,
  session: Session,
  id: string,
  afterLogLine: number,
): () => Promise<void> {
  let after = afterLogLine
  return async () => {
    const lines = await session.client.runs.log({ id, after, limit: 1000 })
    for (const line of lines) {
      after = Math.max(after, line.number)
      if (line.level !== 'info') invocation.output.note(`${line.level}: ${line.text}`)
      else if (!process.stderr.isTTY) invocation.output.note(line.text)
    }
  }
}

function progressOf(run: RunSummary): [string, number, number, string] {
  const { progress } = run
  if (run.status === 'queued') return [`Waiting at place ${run.queuePosition ?? '?'} of the queue`, 0, 0, '']
  if (progress && progress.phase !== 'training')
    return [`Run ${run.id}: ${progress.phase}`, progress.done, progress.total, '']
  const parts = [
    `epoch ${run.epoch.toFixed(1)}/${run.totalEpochs}`,
    run.trainLoss === null ? '' : `loss ${run.trainLoss.toFixed(4)}`,
    run.top1 === null ? '' : `top-1 ${percent(run.top1)}`,
    run.imagesPerSecond === null ? '' : `${run.imagesPerSecond.toFixed(0)} images/s`,
    progress?.etaMs ? `${duration(progress.etaMs)} left` : '',
  ]
  return [`Run ${run.id}: step`, run.step, run.totalSteps, parts.filter(part => part !== '').join(', ')]
}

async function newestCheckpoint(session: Session, id: string): Promise<Checkpoint | null> {
  const checkpoints = await session.client.checkpoints.list({ runId: id })
  return checkpoints.find(checkpoint => checkpoint.status === 'valid') ?? null
}

function summary(run: RunSummary, checkpoint: Checkpoint | null): Record<string, unknown> {
  const figure = (name: string, fallback: number | null): number | null =>
    checkpoint?.metrics[name] ?? fallback
  return {
    runId: run.id,
    status: run.status,
    top1: figure('val/top1', run.top1),
    top5: figure('val/top5', run.top5),
    loss: figure('val/loss', run.valLoss),
    checkpoint: checkpoint?.path ?? null,
    step: run.step,
    elapsedMs: run.elapsedMs,
  }
}

/** Evaluates a checkpoint that no run of the store knows, such as one copied from another machine, in this process. */
import { mkdtemp, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { EvaluationSettings, SplitName } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import type { EvaluationFigures, TaskWatcher } from '../processes/protocol.ts'
import { evaluate } from '../processes/tasks/evaluate.ts'
import { scan } from '../processes/tasks/scan.ts'
import type { Invocation } from './commands/shared/command.ts'

/** @throws AppError invalid-request without --data, and what reading the checkpoint or the images throws. */
export async function evaluateElsewhere(
  invocation: Invocation,
  order: {
    readonly checkpointPath: string
    readonly split: SplitName | null
    readonly settings: EvaluationSettings
    readonly reportPath: string | null
  },
): Promise<EvaluationFigures & { readonly runId: null; readonly checkpoint: string }> {
  const { checkpointPath, split, settings, reportPath } = order
  const data = invocation.text('data')
  if (data === undefined || !existsSync(data)) {
    const message = `${checkpointPath} belongs to no run here: expected --data DIR, the folder of the images to measure it on`
    throw new AppError('invalid-request', message, { field: 'data', value: data })
  }
  const watcher = watcherOf(invocation)
  const folder = await mkdtemp(join(tmpdir(), 'multigrain-'))
  try {
    const path = resolve(data)
    const indexPath = join(folder, 'index')
    const { reader, options } = await scan.run({ path, reader: 'auto', options: {}, indexPath }, watcher)
    const dataset = { id: 'elsewhere', reader, path, options, indexPath }
    const figures = await evaluate.run(
      { checkpointPath, dataset, split, settings, ...(reportPath === null ? {} : { reportPath }) },
      watcher,
    )
    return { runId: null, checkpoint: checkpointPath, ...figures }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function watcherOf({ output, interruption }: Invocation): TaskWatcher {
  return {
    progress: (phase, done, total) => output.progress(phase, done, total),
    throwIfCancelled: () => interruption.throwIfInterrupted(),
  }
}

/** `multigrain evaluate`: top-1, top-5 and loss of a checkpoint. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Checkpoint, Evaluation, SplitName } from '../../contract/index.ts'
import { AppError } from '../../errors/index.ts'
import { chooseData } from '../chooseData.ts'
import { evaluateElsewhere } from '../evaluateElsewhere.ts'
import { percent } from '../output.ts'
import type { Session } from '../session.ts'
import { until } from '../waiting.ts'
import { onlyArgument } from './shared/action.ts'
import type { Command, Invocation } from './shared/command.ts'

const splits: readonly SplitName[] = ['train', 'val', 'test']

export const evaluate: Command = {
  name: 'evaluate',
  summary: 'Measure a checkpoint on a data set',
  usage: '(CHECKPOINT | RUN) [--data DIR] [--split NAME]',
  details: `CHECKPOINT is the folder of a checkpoint; of a RUN its newest valid one is taken. Without --data and --split it is measured on
the images that its run was validated on, and gives the very figures of the run. With --json: runId, checkpoint, split, top1,
top5, loss, imageCount and skippedCount; top1 and top5 are fractions.`,
  options: {
    data: {
      type: 'string',
      value: 'DIR',
      description: 'folder of other images, or the id of a known data set',
    },
    split: { type: 'string', value: 'NAME', description: 'train, val or test' },
  },
  examples: [
    { line: 'evaluate r-20261122-0001', explanation: 'the newest checkpoint of that run' },
    {
      line: 'evaluate ~/kept/step-00012345 --data ~/imagenet --split val',
      explanation: 'any checkpoint on any data',
    },
  ],
  run: async invocation => {
    const wanted = onlyArgument(invocation.positionals, 'evaluate (CHECKPOINT | RUN)')
    const split = splitOf(invocation.text('split'))
    const session = await invocation.session()
    const checkpoint = await findCheckpoint(session, wanted)
    if (checkpoint === null)
      return print(invocation, await evaluateElsewhere(invocation, resolve(wanted), split))
    const data = invocation.text('data')
    const dataset = data === undefined ? null : await chooseData(invocation, session, data)
    const request = { checkpointId: checkpoint.id, datasetId: dataset?.id ?? null, split }
    const { id } = await session.client.evaluations.start(request)
    const evaluation = await watch(invocation, session, id)
    const { runId, imageCount, skippedCount, top1, top5, loss } = evaluation
    const figures = { split: evaluation.split, top1, top5, loss, imageCount, skippedCount }
    return print(invocation, { runId, checkpoint: checkpoint.path, ...figures })
  },
}

/** A checkpoint that a run of this store has; null when it lies elsewhere. */
async function findCheckpoint(session: Session, wanted: string): Promise<Checkpoint | null> {
  const { client } = session
  const runs = await client.runs.list({})
  const named = runs.filter(each => each.id === wanted || each.name === wanted)
  const run = named.length === 1 ? named[0] : undefined
  if (run) {
    const found = (await client.checkpoints.list({ runId: run.id })).find(each => each.status === 'valid')
    if (found) return found
    throw new AppError('not-found', `Run ${run.id} has no valid checkpoint yet`)
  }
  for (const each of runs) {
    const checkpoints = await client.checkpoints.list({ runId: each.id })
    const found = checkpoints.find(({ id, path }) => id === wanted || path === resolve(wanted))
    if (found) return found
  }
  if (existsSync(join(wanted, 'manifest.json')) || existsSync(join(wanted, 'state.json'))) return null
  const known = runs.slice(0, 10).map(each => each.id)
  const message = `${wanted}: there is no such run, and no checkpoint lies there. Runs: ${known.join(', ') || '(none)'}`
  throw new AppError('not-found', message, { value: wanted, known })
}

async function watch(
  { output, interruption }: Invocation,
  session: Session,
  id: string,
): Promise<Evaluation> {
  const { evaluations } = session.client
  const cancel = (): void => void evaluations.cancel({ id }).catch(() => {})
  interruption.signal.addEventListener('abort', cancel)
  const evaluation = await until(
    () => evaluations.get({ id }),
    ({ status }) => !['queued', 'running'].includes(status),
    interruption,
    ({ progress }) => output.progress('Evaluating', progress?.done ?? 0, progress?.total ?? 0),
  )
  output.clearProgress()
  const { error } = evaluation
  if (error) throw AppError.fromReply({ ...error, code: error.code as AppError['code'] })
  return evaluation
}

function splitOf(name: string | undefined): SplitName | null {
  if (name === undefined) return null
  const split = splits.find(each => each === name)
  if (split) return split
  throw new AppError('invalid-request', `--split: expected one of ${splits.join(', ')}, got '${name}'`)
}

interface Figures {
  readonly runId: string | null
  readonly checkpoint: string
  readonly split: string
  readonly top1: number | null
  readonly top5: number | null
  readonly loss: number | null
  readonly imageCount: number
  readonly skippedCount: number
}

function print({ output }: Invocation, figures: Figures): Record<string, unknown> {
  const { split, imageCount, skippedCount, top1, top5, loss } = figures
  output.clearProgress()
  output.line(
    `${imageCount} images of ${split}${skippedCount > 0 ? `, ${skippedCount} left out as they cannot be decoded` : ''}`,
  )
  output.line(`top-1 ${percent(top1)}, top-5 ${percent(top5)}, loss ${loss?.toFixed(4) ?? '–'}`)
  return { ...figures }
}

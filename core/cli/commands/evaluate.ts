/** `multigrain evaluate`: how good a checkpoint is, at telling classes or at finding images. */
import { copyFileSync, existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Checkpoint, Evaluation } from '../../contract/index.ts'
import { AppError } from '../../errors/index.ts'
import { chooseData } from '../chooseData.ts'
import { evaluateElsewhere } from '../evaluateElsewhere.ts'
import { settingsOf, splitOf, viewOptions } from '../evaluationOptions.ts'
import { printEvaluation } from '../printEvaluation.ts'
import type { Session } from '../session.ts'
import { until } from '../waiting.ts'
import { onlyArgument } from './shared/action.ts'
import type { Command, Invocation } from './shared/command.ts'

export const evaluate: Command = {
  name: 'evaluate',
  summary: 'Measure a checkpoint on a data set',
  usage: '(CHECKPOINT | RUN) [--data DIR] [--split NAME] [--retrieval]',
  details: `CHECKPOINT is the folder of a checkpoint; of a RUN its newest valid one is taken. Without --data and --split it is measured on
the images that its run was validated on, and gives the very figures of the run. With --retrieval images are searched for others of their
class, or for what the data set's own queries ask; figures are by revisitop's definition, and by the plain one. --p tune trains GeM's power
alone on training images at the size of the test; --p grid takes the best of ten powers on the very images that are measured. With --json: runId, checkpoint, split, top1, top5, loss, calibrationError, retrieval,
power, imageCount, skippedCount and report; shares are fractions.`,
  options: {
    data: {
      type: 'string',
      value: 'DIR',
      description: 'folder of other images, or the id of a known data set',
    },
    split: { type: 'string', value: 'NAME', description: 'train, val, test, query or gallery' },
    ...viewOptions,
    crops: {
      type: 'string',
      value: 'N',
      description: 'parts of each image judged together: 1, 5 (corners and middle), or 10 (mirrored as well)',
    },
    retrieval: { type: 'boolean', description: 'measure search instead of classification' },
    gallery: {
      type: 'string',
      value: 'SPLIT',
      description: 'retrieval: search this split; by default the own',
    },
    whiten: {
      type: 'string',
      value: 'SPLIT',
      description: 'retrieval: learn a PCA whitening from this split',
    },
    queries: { type: 'string', value: 'N', description: 'retrieval: at most so many queries' },
    report: {
      type: 'string',
      value: 'FILE.json',
      description: 'write classes, confusions and calibration, or every query, worst first',
    },
  },
  examples: [
    { line: 'evaluate r-20261122-0001', explanation: 'the newest checkpoint of that run' },
    {
      line: 'evaluate ~/kept/step-00012345 --data ~/imagenet --split val',
      explanation: 'any checkpoint on any data',
    },
    {
      line: 'evaluate r-20261122-0001 --retrieval --size 500 --resize rect --whiten train',
      explanation: 'search at another size, whitened',
    },
  ],
  run: async invocation => {
    const wanted = onlyArgument(invocation.positionals, 'evaluate (CHECKPOINT | RUN)')
    const split = splitOf(invocation, 'split')
    const settings = ownSettings(invocation)
    const report = reportPath(invocation)
    const session = await invocation.session({ listens: true })
    const checkpoint = await findCheckpoint(session, wanted)
    if (checkpoint === null) {
      const order = { checkpointPath: resolve(wanted), split, settings, reportPath: report }
      return printEvaluation(invocation, { ...(await evaluateElsewhere(invocation, order)), report })
    }
    const data = invocation.text('data')
    const dataset = data === undefined ? null : await chooseData(invocation, session, data)
    const { evaluations } = session.client
    const request = { checkpointId: checkpoint.id, datasetId: dataset?.id ?? null, split, settings }
    const { id } = await evaluations.start(request)
    const evaluation = await watch(invocation, session, id)
    const kept = await evaluations.report({ id })
    if (report !== null) copyFileSync(kept.path, report)
    return printEvaluation(invocation, {
      ...evaluation,
      ...{ checkpoint: checkpoint.path, report: report ?? kept.path },
    })
  },
}

function ownSettings(invocation: Invocation): ReturnType<typeof settingsOf> {
  const isRetrieval = invocation.flag('retrieval')
  const [crops, queries] = [invocation.text('crops'), invocation.text('queries')]
  for (const option of ['gallery', 'whiten', 'queries'])
    if (!isRetrieval && invocation.text(option) !== undefined) {
      const message = `--${option} goes with --retrieval`
      throw new AppError('invalid-request', message, { field: option })
    }
  return settingsOf(invocation, {
    kind: isRetrieval ? 'retrieval' : 'classification',
    ...(crops === undefined ? {} : { crops: Number(crops) }),
    ...(queries === undefined ? {} : { queries: Number(queries) }),
    gallery: splitOf(invocation, 'gallery'),
    whiten: splitOf(invocation, 'whiten'),
  })
}

/** @throws AppError invalid-request where its folder is not there: nobody should wait for hours to hear it. */
function reportPath(invocation: Invocation): string | null {
  const named = invocation.text('report')
  if (named === undefined) return null
  const path = resolve(named)
  if (existsSync(join(path, '..'))) return path
  throw new AppError('invalid-request', `--report: there is no folder ${join(path, '..')}`, {
    field: 'report',
    value: named,
  })
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

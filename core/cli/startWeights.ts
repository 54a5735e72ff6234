/** The weights that a run starts from, as the trainer finds them: a run stands for its newest checkpoint, a path is made absolute. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { AppError } from '../errors/index.ts'
import type { RunConfig } from '../experiment/index.ts'
import { matchWeights, readWeights } from '../importing/index.ts'
import { models } from '../models/index.ts'
import type { Session } from './session.ts'

/**
 * @param classCount of the data set that is trained on
 * @throws AppError not-found where there is neither such a file nor such a run; what is wrong with weights that do not fit.
 */
export async function withStartWeights(
  config: RunConfig,
  { client }: Pick<Session, 'client'>,
  classCount: number,
): Promise<RunConfig> {
  const { weights, preferAverage } = config.start
  if (weights === '') return config
  const found = existsSync(weights) ? resolve(weights) : await newestOf(weights, client)
  const start = { ...config.start, weights: found }
  const { size, channels } = config.input
  const model = models.create(config.model, 'model')
  const graph = model({ height: size, width: size, channels, classCount })
  // Told now, and not by a run that has begun.
  matchWeights(graph, await readWeights(found, preferAverage), start, found)
  return { ...config, start }
}

async function newestOf(named: string, client: Session['client']): Promise<string> {
  const run = (await client.runs.list({})).find(({ id, name }) => id === named || name === named)
  const checkpoints = run ? await client.checkpoints.list({ runId: run.id }) : []
  const newest = checkpoints.find(({ status }) => status === 'valid')
  if (newest) return newest.path
  const problem = run
    ? `run ${run.id} has no valid checkpoint yet`
    : 'there is no such file, and no run of that name'
  const message = `start.weights: ${named}: ${problem}. Name a file, a folder of a checkpoint, or a run`
  throw new AppError('not-found', message, { field: 'start.weights', value: named })
}

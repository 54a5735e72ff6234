/** Finds or adds the data set that a command names. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { DatasetSummary } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import type { Invocation } from './commands/shared/command.ts'
import type { Session } from './session.ts'
import { until } from './waiting.ts'

/**
 * @param named a folder, or the id of a data set that is there already; undefined for the sample.
 * @returns the data set, scanned and ready.
 * @throws AppError data-unreadable, data-invalid (why the scan failed), or not-found.
 */
export async function chooseData(
  invocation: Invocation,
  session: Session,
  named: string | undefined,
): Promise<DatasetSummary> {
  const { client } = session
  const known = await client.datasets.list({})
  if (named === undefined) {
    const sample = known.find(dataset => dataset.isSample)
    if (!sample)
      throw new AppError(
        'not-found',
        'The sample data set was removed. Name another with --data DIR, or add the folder datasets/sample-mnist of the data folder again',
      )
    return ready(invocation, session, sample.id)
  }
  const byId = known.find(dataset => dataset.id === named)
  if (byId && !existsSync(named)) return ready(invocation, session, byId.id)
  if (!existsSync(named)) {
    const ids = known.map(dataset => dataset.id)
    const message = `--data ${named}: there is no such folder and no data set of that id. Known: ${ids.join(', ') || '(none)'}`
    throw new AppError('not-found', message, { field: 'data', value: named, known: ids })
  }
  const { id } = await client.datasets.add({ path: resolve(named) })
  return ready(invocation, session, id)
}

/** Waits for the scan of a data set. */
export async function ready(invocation: Invocation, session: Session, id: string): Promise<DatasetSummary> {
  const { output, interruption } = invocation
  const dataset = await until(
    () => session.client.datasets.get({ id }),
    answer => answer.status !== 'scanning',
    interruption,
    ({ status, progress, name }) => {
      if (status === 'scanning')
        output.progress(`${name}: ${progress?.phase ?? 'waiting'}`, progress?.done ?? 0, progress?.total ?? 0)
    },
  )
  output.clearProgress()
  if (dataset.status === 'ready') return dataset
  if (dataset.error)
    throw AppError.fromReply({ ...dataset.error, code: dataset.error.code as AppError['code'] })
  throw new AppError(
    'data-unreadable',
    `${dataset.path}: the folder of data set '${dataset.name}' is missing or not mounted`,
  )
}

/** The sample belongs to its own preset; other configurations name their data. */
export function needsSample(invocation: Invocation): boolean {
  if (invocation.text('data') !== undefined) return false
  if (invocation.text('preset') === 'sample') return true
  throw new AppError(
    'invalid-request',
    'expected --data DIR: the folder of the images to train on. Only the preset sample brings its own',
  )
}

/** A data set of the host, as this process can read it. */
import { join } from 'node:path'
import { dataFolder } from '../../main/paths.ts'
import type { SplitName } from '../contract/index.ts'
import type { DatasetRef } from '../datasets/shared/reader.ts'
import { chooseData } from './chooseData.ts'
import type { Invocation } from './commands/shared/command.ts'

/**
 * @param named its id, or a folder, which is added
 * @throws AppError not-found, and what the scan of a folder throws.
 */
export async function datasetById(
  invocation: Invocation,
  named: string,
): Promise<{ readonly ref: DatasetRef; readonly splits: readonly SplitName[] }> {
  const session = await invocation.session()
  const { id, reader, path, splits } = await chooseData(invocation, session, named)
  const indexPath = join(dataFolder(), 'datasets', id, 'index')
  return { ref: { id, reader, path, options: {}, indexPath }, splits: splits.map(({ name }) => name) }
}

/** Data sets as the interface sees them, and as processes are given them. */
import { statSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { Dataset, DatasetSummary, Progress } from '../contract/index.ts'
import type { DatasetRef } from '../datasets/shared/reader.ts'
import type { StoredDataset } from '../store/index.ts'
import type { DataFolders } from './ports.ts'

/** File that a scan writes and that every reading of the data set needs. */
export function indexPath(folders: DataFolders, id: string): string {
  return join(folders.datasets, id, 'index')
}

/** Changes whenever a scan writes the index anew; empty while there is none. */
export function indexVersion(folders: DataFolders, id: string): string {
  const found = statSync(indexPath(folders, id), { throwIfNoEntry: false })
  return found ? `${found.mtimeMs}-${found.size}` : ''
}

/** What trainer and workers need to read a data set. */
export function datasetRef(folders: DataFolders, dataset: StoredDataset): DatasetRef {
  const { id, reader, path, options } = dataset
  return { id, reader, path, options, indexPath: indexPath(folders, id) }
}

export function summaryOf(
  dataset: StoredDataset,
  progress: Progress | null,
  isMissing = false,
): DatasetSummary {
  const { id, name, path, reader, isSample, imageSize, problemCount, error, createdAt } = dataset
  return {
    ...{ id, name, path, reader, isSample, imageSize, problemCount, error, createdAt, progress },
    status: dataset.status === 'ready' && isMissing ? 'missing' : dataset.status,
    classCount: dataset.classes.length,
    splits: dataset.splits.map(split => ({ name: split.name, count: split.count })),
  }
}

export function detailOf(dataset: StoredDataset, progress: Progress | null, isMissing: boolean): Dataset {
  return {
    ...summaryOf(dataset, progress, isMissing),
    classes: [...dataset.classes],
    classCounts: dataset.splits.map(split => ({ split: split.name, counts: [...split.classCounts] })),
  }
}

/** Whether the folder of a data set is gone or cannot be reached. */
export async function isMissing(dataset: StoredDataset): Promise<boolean> {
  return access(dataset.path).then(
    () => false,
    () => true,
  )
}

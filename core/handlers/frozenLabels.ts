/** The labels of a run: those that the user had given when it began, whatever is relabelled since. */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { DatasetRef } from '../datasets/shared/reader.ts'
import type { DataFolders } from './ports.ts'

/** @param isResumed whether the run has trained before: then it goes on as it began */
export function frozenLabels(
  { runs }: Pick<DataFolders, 'runs'>,
  runId: string,
  { labelsPath, ...dataset }: DatasetRef,
  isResumed: boolean,
): DatasetRef {
  const own = join(runs, runId, 'labels.json')
  if (!isResumed && labelsPath !== undefined) {
    mkdirSync(join(runs, runId), { recursive: true })
    copyFileSync(labelsPath, own)
  }
  return existsSync(own) ? { ...dataset, labelsPath: own } : dataset
}

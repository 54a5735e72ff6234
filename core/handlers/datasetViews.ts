/** Data sets as the interface sees them, and as processes are given them. */
import { statSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { Dataset, DatasetSummary, Progress, SplitName } from '../contract/index.ts'
import type { DatasetRef } from '../datasets/shared/reader.ts'
import type { ImageEdit, StoredDataset } from '../store/index.ts'
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

/** File with the sizes of the images; only `inspect` writes it. */
export function factsPath(folders: DataFolders, id: string): string {
  return join(folders.datasets, id, 'facts')
}

/** File with the newest search for images that are there twice. */
export function duplicatesPath(folders: DataFolders, id: string): string {
  return join(folders.datasets, id, 'duplicates.json')
}

/** File with labels or tags that the user gave; it never changes, as another version has another name. */
export function editsPath(
  folders: DataFolders,
  id: string,
  kind: 'labels' | 'tags',
  version: string,
): string {
  return join(folders.datasets, id, `${kind}-${version}.json`)
}

/** What trainer and workers need to read a data set. */
export function datasetRef(folders: DataFolders, dataset: StoredDataset): DatasetRef {
  const { id, reader, path, options, labelsVersion } = dataset
  const labels = labelsVersion === '' ? {} : { labelsPath: editsPath(folders, id, 'labels', labelsVersion) }
  return { id, reader, path, options, indexPath: indexPath(folders, id), ...labels }
}

export function summaryOf(
  dataset: StoredDataset,
  progress: Progress | null,
  isMissing = false,
): DatasetSummary {
  const { id, name, path, reader, isSample, imageSize, problemCount, relabelledCount, error, createdAt } =
    dataset
  return {
    ...{ id, name, path, reader, isSample, imageSize, problemCount, relabelledCount, error, createdAt },
    progress,
    status: dataset.status === 'ready' && isMissing ? 'missing' : dataset.status,
    classCount: dataset.classes.length,
    splits: dataset.splits.map(split => ({ name: split.name, count: split.count })),
  }
}

export function detailOf(
  dataset: StoredDataset,
  edits: readonly ImageEdit[],
  progress: Progress | null,
  isMissing: boolean,
): Dataset {
  return {
    ...summaryOf(dataset, progress, isMissing),
    classes: [...dataset.classes],
    classCounts: relabelledCounts(dataset, edits),
    tags: tagCounts(edits),
    editsVersion: `${dataset.labelsVersion}/${dataset.tagsVersion}`,
    hasTruth: dataset.splits.some(({ name }) => name === 'query'),
  }
}

function relabelledCounts(
  { classes, splits }: StoredDataset,
  edits: readonly ImageEdit[],
): Dataset['classCounts'] {
  const labelOf = new Map(classes.map((name, label) => [name, label]))
  const counted = splits.map(({ name, classCounts }) => ({ split: name, counts: [...classCounts] }))
  for (const { split, label, was } of edits) {
    const counts = counted.find(each => each.split === split)?.counts
    const [from, to] = [labelOf.get(was), label === null ? undefined : labelOf.get(label)]
    if (!counts || from === undefined || to === undefined) continue
    counts[from]!--
    counts[to]!++
  }
  return counted
}

function tagCounts(edits: readonly ImageEdit[]): Dataset['tags'] {
  const counts = new Map<string, { split: SplitName; tag: string; count: number }>()
  for (const { split, tags } of edits) {
    for (const tag of tags) {
      const key = `${split} ${tag}`
      counts.set(key, { split, tag, count: (counts.get(key)?.count ?? 0) + 1 })
    }
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || a.tag.localeCompare(b.tag))
}

/** Whether the folder of a data set is gone or cannot be reached. */
export async function isMissing(dataset: StoredDataset): Promise<boolean> {
  return access(dataset.path).then(
    () => false,
    () => true,
  )
}

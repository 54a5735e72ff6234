/** One page of a data set's images: their classes and names. The data set stays open between pages. */
import { openDataset } from '../../data/openDataset.ts'
import type { DatasetRef, OpenDataset } from '../../datasets/shared/reader.ts'
import { AppError } from '../../errors/index.ts'
import type { Task } from '../protocol.ts'

let kept: { readonly key: string; readonly dataset: OpenDataset } | null = null

export const browse: Task<'browse'> = {
  name: 'browse',
  async run({ dataset: ref, indexVersion, split: name, label, offset, limit }) {
    const split = (await opened(ref, indexVersion)).splits[name]
    if (!split)
      throw new AppError('not-found', `The data set has no split '${name}'`, { field: 'split', value: name })
    const total = label === null ? split.count : countOf(split.labels, label)
    const indices =
      label === null
        ? range(offset, Math.min(limit, total - offset))
        : found(split.labels, label, offset, limit)
    const items = indices.map(index => ({
      index,
      label: split.labels[index] as number,
      name: split.name(index),
    }))
    return { total, items }
  },
}

/** A scan replaces the index, so that a data set of another version is another one. */
async function opened(ref: DatasetRef, indexVersion: string): Promise<OpenDataset> {
  const key = `${ref.indexPath}\n${indexVersion}`
  if (kept?.key === key) return kept.dataset
  await kept?.dataset.close()
  kept = null
  kept = { key, dataset: await openDataset(ref) }
  return kept.dataset
}

function range(offset: number, count: number): number[] {
  return Array.from({ length: Math.max(0, count) }, (_, index) => offset + index)
}

function countOf(labels: Int32Array, label: number): number {
  let count = 0
  for (const each of labels) if (each === label) count++
  return count
}

/** Indices of the images of a class from the `offset`-th on, at most `limit`. */
function found(labels: Int32Array, label: number, offset: number, limit: number): number[] {
  const indices: number[] = []
  let seen = 0
  for (let index = 0; index < labels.length && indices.length < limit; index++) {
    if (labels[index] === label && seen++ >= offset) indices.push(index)
  }
  return indices
}

/** One page of a data set's images: their classes and names. The data set stays open between pages. */
import { AppError } from '../../errors/index.ts'
import { keptOpen } from '../openDatasets.ts'
import type { Task } from '../protocol.ts'

export const browse: Task<'browse'> = {
  name: 'browse',
  async run({ dataset: ref, split: name, label, offset, limit }) {
    const split = (await keptOpen(ref)).splits[name]
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

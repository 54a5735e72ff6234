/** Data sets that a worker keeps open between tasks, so that scrolling through pictures does not read an index each time. */
import { stat } from 'node:fs/promises'
import { openDataset, relabelled } from '../data/index.ts'
import type { DatasetRef, OpenDataset } from '../datasets/shared/reader.ts'

const maxOpen = 4

/** The least recently used first. */
const open = new Map<string, Promise<OpenDataset>>()
/** With the newest labels that the user gave: they change without opening anything again. */
const relabels = new WeakMap<OpenDataset, { readonly path: string; readonly dataset: OpenDataset }>()

/**
 * A data set, opened now or earlier. It stays the worker's: do not close it.
 * @throws AppError data-unreadable or data-invalid.
 */
export async function keptOpen({ labelsPath, ...ref }: DatasetRef): Promise<OpenDataset> {
  const dataset = await keptAsScanned(ref)
  if (labelsPath === undefined) return dataset
  const known = relabels.get(dataset)
  if (known?.path === labelsPath) return known.dataset
  const changed = await relabelled(dataset, labelsPath)
  relabels.set(dataset, { path: labelsPath, dataset: changed })
  return changed
}

async function keptAsScanned(ref: DatasetRef): Promise<OpenDataset> {
  const key = await keyOf(ref)
  const dataset = open.get(key) ?? openDataset(ref)
  open.delete(key)
  open.set(key, dataset)
  await closeSurplus()
  try {
    return await dataset
  } catch (thrown) {
    open.delete(key)
    throw thrown
  }
}

/** A new scan writes a new index, and what was open is then out of date. */
async function keyOf(ref: DatasetRef): Promise<string> {
  const written = await stat(ref.indexPath).then(
    ({ mtimeMs, size }) => `${mtimeMs} ${size}`,
    () => '',
  )
  return JSON.stringify([ref.reader, ref.path, ref.options, ref.indexPath, written])
}

async function closeSurplus(): Promise<void> {
  while (open.size > maxOpen) {
    const [key, oldest] = open.entries().next().value!
    open.delete(key)
    await oldest.then(
      dataset => dataset.close(),
      () => {}, // it never opened
    )
  }
}

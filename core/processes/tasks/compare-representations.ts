/** How alike two checkpoints see a sample of images, layer by layer. */
import { startBackend } from '../../backend/index.ts'
import type { DatasetRef, SplitName } from '../../datasets/shared/reader.ts'
import { readColumns } from '../../evaluation/comparisonFile.ts'
import {
  representationDrift,
  representationOf,
  type Representation,
} from '../../evaluation/comparisonRepresentations.ts'
import { datasetFacts } from '../../evaluation/loaderOptions.ts'
import { openNetwork } from '../../evaluation/network.ts'
import { openViews } from '../../evaluation/openViews.ts'
import { keptOpen } from '../openDatasets.ts'
import type { Task, TaskWatcher } from '../protocol.ts'

export const compareRepresentations: Task<'compare-representations'> = {
  name: 'compare-representations',
  async run({ checkpointPaths, dataset, split, predictionsPath, imageCount }, watcher) {
    watcher.progress('loading', 0, 0)
    const known = predictionsPath === null ? null : (await readColumns(predictionsPath)).index
    const count = (await keptOpen(dataset)).splits[split]?.count ?? 0
    const sample = { dataset, split, indices: evenly(known ?? range(count), imageCount) }
    const [first, second] = checkpointPaths
    const one = await represent(first, sample, 'first checkpoint', watcher)
    const other = await represent(second, sample, 'second checkpoint', watcher)
    watcher.progress('comparing', 0, 0)
    return representationDrift(one, other)
  },
}

interface Sample {
  readonly dataset: DatasetRef
  readonly split: SplitName
  readonly indices: Int32Array
}

async function represent(
  path: string,
  { dataset, split, indices }: Sample,
  phase: string,
  watcher: TaskWatcher,
): Promise<Representation> {
  const network = await openNetwork(path, { startBackend })
  try {
    watcher.throwIfCancelled()
    const facts = await datasetFacts(dataset, 0)
    const { source } = await openViews({ network, dataset, facts, split, view: {}, indices })
    return await representationOf(network, source, {
      progress: (done, total) => watcher.progress(phase, done, total),
      throwIfCancelled: () => watcher.throwIfCancelled(),
    })
  } finally {
    network.dispose()
  }
}

function range(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, index) => index)
}

/** At most so many, spread over all of them, in ascending order. */
function evenly(indices: Int32Array, most: number): Int32Array {
  const sorted = indices.slice().sort()
  if (sorted.length <= most) return sorted
  return Int32Array.from({ length: most }, (_, at) => sorted[Math.floor((at * sorted.length) / most)]!)
}

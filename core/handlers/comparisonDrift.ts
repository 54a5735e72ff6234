/** Jobs that measure how far two checkpoints lie apart. What was measured is kept for as long as its job is remembered. */
import type { Handlers, WorkbenchContract } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import { imageUrl, predictionsPathOf } from './comparisonFiles.ts'
import { openComparison } from './comparisonSides.ts'
import { datasetRef } from './datasetViews.ts'
import type { Jobs, JobWork } from './jobs.ts'
import type { Workbench } from './ports.ts'

type Drift = Pick<Handlers<WorkbenchContract>['comparisons'], 'weights' | 'representations'>

export function driftHandlers(workbench: Workbench, jobs: Jobs): Drift {
  const { store, supervisor, folders } = workbench
  const once = remembered(jobs)
  return {
    weights({ checkpointIds: [firstId, secondId] }) {
      const first = store.checkpoints.get(firstId)
      const second = store.checkpoints.get(secondId)
      return once([firstId, first.createdAt, secondId, second.createdAt], {
        kind: 'weights-drift',
        title: `${firstId} · ${secondId}`,
        run: options => supervisor.runTask('compare-weights', { paths: [first.path, second.path] }, options),
      })
    },
    async representations({ checkpointIds, datasetId, images, imageCount }) {
      const [firstId, secondId] = checkpointIds
      const first = store.checkpoints.get(firstId)
      const second = store.checkpoints.get(secondId)
      const dataset = store.datasets.get(datasetId)
      const request = { checkpointIds: [firstId, secondId], runIds: [], datasetId, images }
      const { evaluations } = await openComparison(workbench, request)
      const judged = evaluations.find(each => each.hasPredictions)?.classification ?? null
      if (images === 'own' && judged === null) {
        const message =
          'Which images the run validates on is known once a checkpoint has been evaluated on them'
        throw new AppError('conflict', message, { remedy: 'Evaluate both checkpoints first' })
      }
      const split = images === 'own' ? judged!.split : images
      const stored = judged && store.evaluations.get(judged.id)
      const input = {
        checkpointPaths: [first.path, second.path] as const,
        dataset: datasetRef(folders, dataset),
        split,
        predictionsPath: stored && predictionsPathOf(folders, stored),
        imageCount,
      }
      const key = [firstId, first.createdAt, secondId, second.createdAt, datasetId, images, imageCount]
      return once(key, {
        kind: 'representation-drift',
        title: `${firstId} · ${secondId}`,
        run: async options => {
          const { embedding, ...made } = await supervisor.runTask('compare-representations', input, options)
          const moved = embedding?.moved.map(each => ({
            ...each,
            thumbnailUrl: `${imageUrl(datasetId, split, each.index)}/thumbnail`,
          }))
          return { ...made, embedding: embedding && { ...embedding, moved } }
        },
      })
    },
  }
}

/** Starts a job, or gives the one that does or did the same, unless it failed. */
function remembered(jobs: Jobs): (key: readonly unknown[], work: JobWork) => { readonly id: string } {
  const known = new Map<string, { readonly id: string; isLost: boolean }>()
  return (parts, work) => {
    const key = `${work.kind} ${parts.join(' ')}`
    const before = known.get(key)
    if (before && !before.isLost && jobs.isKnown(before.id)) return { id: before.id }
    const run: JobWork['run'] = async options => {
      try {
        return await work.run(options)
      } catch (thrown) {
        entry.isLost = true
        throw thrown
      }
    }
    const entry = { ...jobs.start({ ...work, run }), isLost: false }
    known.set(key, entry)
    return { id: entry.id }
  }
}

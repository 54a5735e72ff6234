/** What there is to compare: checkpoints, the data sets that suit them all, and how each was judged there. */
import { access } from 'node:fs/promises'
import type { Comparison, ComparedCheckpoint, Evaluation } from '../contract/index.ts'
import { EvaluationSettings } from '../contract/index.ts'
import type { Store, StoredDataset, StoredEvaluation } from '../store/index.ts'
import { predictionsPathOf } from './comparisonFiles.ts'
import type { DataFolders, Workbench } from './ports.ts'

export interface ComparisonRequest {
  readonly checkpointIds: readonly string[]
  readonly runIds: readonly string[]
  readonly datasetId: string | null
  readonly images: NonNullable<Comparison['chosen']>['images'] | null
}

type Chosen = NonNullable<Comparison['chosen']>

export async function openComparison(
  { store, folders }: Pick<Workbench, 'store' | 'folders'>,
  request: ComparisonRequest,
): Promise<Comparison> {
  const byCheckpoint = request.checkpointIds.map(id => {
    const checkpoint = orNull(() => checkpointSummary(store, id))
    return { runId: checkpoint?.runId ?? null, checkpoint }
  })
  const byRun = request.runIds.map(runId => {
    const known = orNull(() => store.runs.get(runId))
    return { runId: known && runId, checkpoint: known && bestOf(store, runId) }
  })
  const sides = [...byCheckpoint, ...byRun]
  const datasets = suitable(store, sides)
  const chosen = choose(datasets, sides, request)
  const evaluations = await Promise.all(
    sides.map(({ checkpoint }) => judged(store, folders, checkpoint, chosen)),
  )
  return { sides, datasets, chosen, evaluations }
}

/** @throws AppError not-found */
export function checkpointSummary(store: Store, id: string): ComparedCheckpoint {
  const checkpoint = store.checkpoints.get(id)
  const { name: runName, model, datasetId, datasetName } = store.runs.get(checkpoint.runId)
  return { ...checkpoint, runName, model, datasetId, datasetName }
}

/** The best checkpoint of a run by validation, else its newest; null where it has none. */
function bestOf(store: Store, runId: string): ComparedCheckpoint | null {
  const list = store.checkpoints.list(runId)
  const found = list.find(({ isBest }) => isBest) ?? list.find(({ isNewest }) => isNewest)
  return found ? checkpointSummary(store, found.id) : null
}

/** Labels are numbers, given by the classes' order: other classes would give images other labels. */
function suitable(store: Store, sides: Comparison['sides']): Comparison['datasets'] {
  const found = sides.flatMap(({ checkpoint }) => checkpoint ?? [])
  const own = [...new Set(found.map(({ datasetId }) => datasetId))].map(id => store.datasets.find(id))
  const [first, ...others] = own
  if (!first || others.some(other => !hasClasses(other, first.classes))) return []
  const isOne = own.length === 1
  const fit = store.datasets.list().filter(each => each.status === 'ready' && hasClasses(each, first.classes))
  return fit
    .sort((one, other) => Number(own.includes(other)) - Number(own.includes(one)))
    .map(({ id, name, splits }) => {
      const images = splits.map(split => ({ name: split.name, count: split.count as number | null }))
      const hasHeldOut = isOne && id === first.id && !splits.some(isForEvaluation)
      return {
        ...{ id, name },
        images: hasHeldOut ? [{ name: 'own' as const, count: null }, ...images] : images,
      }
    })
    .filter(({ images }) => images.length > 0)
}

function isForEvaluation({ name }: { readonly name: string }): boolean {
  return name === 'val' || name === 'test'
}

function hasClasses({ classes }: StoredDataset, wanted: readonly string[]): boolean {
  return classes.length === wanted.length && classes.every((name, at) => name === wanted[at])
}

function choose(
  datasets: Comparison['datasets'],
  sides: Comparison['sides'],
  { datasetId, images }: ComparisonRequest,
): Chosen | null {
  const own = sides.find(({ checkpoint }) => checkpoint)?.checkpoint?.datasetId
  const dataset =
    datasets.find(({ id }) => id === datasetId) ?? datasets.find(({ id }) => id === own) ?? datasets[0]
  if (!dataset) return null
  const names = dataset.images.map(({ name }) => name)
  const usual = (['val', 'test', 'own', 'query', 'train'] as const).find(name => names.includes(name))
  const asked = images !== null && names.includes(images) ? images : usual
  return { datasetId: dataset.id, images: asked ?? names[0]! }
}

async function judged(
  store: Store,
  folders: DataFolders,
  checkpoint: ComparedCheckpoint | null,
  chosen: Chosen | null,
): Promise<Comparison['evaluations'][number]> {
  const none = { classification: null, hasPredictions: false, retrieval: null }
  if (checkpoint === null || chosen === null) return none
  const own = store.evaluations
    .list(checkpoint.runId)
    .filter(
      each =>
        each.checkpointId === checkpoint.id &&
        each.datasetId === chosen.datasetId &&
        isPlain(each) &&
        isOn(each, chosen, store.datasets.find(chosen.datasetId)),
    )
  const newest = (kind: 'classification' | 'retrieval'): StoredEvaluation | undefined => {
    const ofKind = own.filter(({ settings }) => (settings.kind ?? 'classification') === kind)
    const going = ofKind.find(({ status }) => status === 'queued' || status === 'running')
    return going ?? ofKind.find(({ status }) => status === 'finished') ?? ofKind[0]
  }
  const view = (stored: StoredEvaluation): Evaluation => ({
    ...stored,
    settings: EvaluationSettings.parse(stored.settings),
    // Told by pushes alone.
    progress: null,
  })
  const classification = newest('classification')
  const retrieval = newest('retrieval')
  return {
    classification: classification ? view(classification) : null,
    hasPredictions: classification !== undefined && (await hasPredictions(folders, classification)),
    retrieval: retrieval ? view(retrieval) : null,
  }
}

/** As by default, so that sides are judged alike. */
function isPlain({ settings }: StoredEvaluation): boolean {
  return Object.entries(EvaluationSettings.parse({})).every(
    ([name, usual]) => name === 'kind' || (settings[name as keyof EvaluationSettings] ?? usual) === usual,
  )
}

/** Which images a run held out of `train` is known by their number alone. */
function isOn(
  { split, status, imageCount, skippedCount }: StoredEvaluation,
  { images }: Chosen,
  { splits }: StoredDataset,
): boolean {
  const whole = splits.find(({ name }) => name === split)?.count
  const isPart = status === 'finished' && whole !== undefined && imageCount + skippedCount < whole
  if (images === 'own') return status !== 'finished' || isPart
  return split === images && !(isPart && images === 'train')
}

async function hasPredictions(folders: DataFolders, evaluation: StoredEvaluation): Promise<boolean> {
  if (evaluation.status !== 'finished') return false
  return access(predictionsPathOf(folders, evaluation)).then(
    () => true,
    () => false,
  )
}

function orNull<T>(find: () => T): T | null {
  try {
    return find()
  } catch {
    return null
  }
}

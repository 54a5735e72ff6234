/** Data sets: adding, browsing, forgetting. */
import { rmSync, statSync } from 'node:fs'
import { basename, isAbsolute, normalize } from 'node:path'
import type { Handlers, WorkbenchContract } from '../contract/index.ts'
import { readers } from '../datasets/index.ts'
import { AppError } from '../errors/index.ts'
import type { StoredDataset } from '../store/index.ts'
import { augmentedDrawer } from './augmentedPictures.ts'
import { datasetEdits } from './datasetEdits.ts'
import { datasetImages } from './datasetImages.ts'
import { detailOf, indexPath, isMissing, summaryOf } from './datasetViews.ts'
import { datasetJobs } from './datasetJobs.ts'
import type { Jobs } from './jobs.ts'
import { folderLooker } from './lookIntoFolder.ts'
import type { Workbench } from './ports.ts'
import type { Scanner } from './scanner.ts'

type DatasetHandlers = Handlers<WorkbenchContract>['datasets']

export function datasetHandlers(workbench: Workbench, scanner: Scanner, jobs: Jobs): DatasetHandlers {
  const { store, emit, folders } = workbench
  const summary = (dataset: StoredDataset, missing = false) =>
    summaryOf(dataset, scanner.progressOf(dataset.id), missing)
  return {
    list: () => Promise.all(store.datasets.list().map(async each => summary(each, await isMissing(each)))),
    async get({ id }) {
      const dataset = store.datasets.get(id)
      return detailOf(dataset, store.imageEdits.list(id), scanner.progressOf(id), await isMissing(dataset))
    },
    add: adder(workbench, scanner),
    rename({ id, name }) {
      store.datasets.get(id)
      store.datasets.change(id, { name })
      emit.datasets.onChanged(summary(store.datasets.get(id)))
      return {}
    },
    rescan({ id }) {
      store.datasets.get(id)
      if (scanner.isScanning(id)) throw conflict(`Data set '${id}' is being scanned already`)
      refuseWhileInUse(workbench, id)
      scanner.scan(id)
      return {}
    },
    cancelScan({ id }) {
      store.datasets.get(id)
      scanner.cancel(id)
      return {}
    },
    remove({ id }) {
      const dataset = store.datasets.get(id)
      refuseWhileUsed(workbench, id)
      scanner.cancel(id)
      store.datasets.remove(id, Date.now())
      if (dataset.isSample) scanner.rememberSampleRemoved(true)
      // Runs of the data set may go on from their checkpoints, and then need the index.
      if (!store.datasets.hasRuns(id)) rmSync(indexPath(folders, id), { force: true })
      emit.datasets.onRemoved({ id })
      return {}
    },
    lookIntoFolder: folderLooker(workbench),
    augmented: augmentedDrawer(workbench),
    ...datasetImages(workbench, jobs),
    ...datasetEdits(workbench),
    ...datasetJobs(workbench, scanner, jobs),
    problems({ id }) {
      store.datasets.get(id)
      return store.datasets.problems(id)
    },
  }
}

/** The path must be absolute and exist. A folder that is known already keeps its id. */
function adder(workbench: Workbench, scanner: Scanner): DatasetHandlers['add'] {
  const { store } = workbench
  const scanAgain = (id: string): void => {
    refuseWhileInUse(workbench, id)
    scanner.scan(id)
  }
  return ({ path, name, reader, options = {} }) => {
    const folder = checkedPath(path)
    if (reader !== 'auto') readers.resolve({ name: reader, options }, 'reader')
    const known = store.datasets.findByPath(folder)
    if (known && known.removedAt === null) {
      const isSame = reader === 'auto' || reader === known.reader
      if (!isSame)
        throw conflict(
          `${folder} is already here as '${known.name}', read as ${known.reader}. Remove it first`,
        )
      if (known.status === 'failed') scanAgain(known.id)
      return { id: known.id }
    }
    if (known) refuseWhileInUse(workbench, known.id)
    const id = known?.id ?? freeId(store.datasets.ids(), folder)
    store.writeDurably(() => {
      const isSample = false
      if (known) store.datasets.restore(id)
      else
        store.datasets.create({
          id,
          name: basename(folder),
          path: folder,
          reader,
          options,
          isSample,
          createdAt: Date.now(),
        })
      if (name !== undefined) store.datasets.change(id, { name })
      if (known && reader !== 'auto') store.datasets.change(id, { reader, options })
    })
    if (known?.isSample) scanner.rememberSampleRemoved(false)
    scanner.scan(id)
    return { id }
  }
}

function checkedPath(path: string): string {
  if (!isAbsolute(path) || path.includes('\0')) {
    throw new AppError('invalid-request', `path: expected an absolute path, got '${path}'`, {
      field: 'path',
      value: path,
    })
  }
  const folder = normalize(path).replace(/(?<=.)[\\/]+$/, '')
  try {
    statSync(folder)
  } catch (thrown) {
    const reason =
      thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT'
        ? 'does not exist'
        : 'cannot be read'
    const message = `${folder}: this folder ${reason}. Check the path and its permissions`
    throw new AppError('data-unreadable', message, { file: folder, field: 'path', value: path }, thrown)
  }
  return folder
}

/** `/data/My Flowers` → `my-flowers`, with a number when it is taken. */
function freeId(taken: readonly string[], folder: string): string {
  const plain = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
  const base = plain === '' ? 'data' : plain
  if (!taken.includes(base)) return base
  let number = 2
  while (taken.includes(`${base}-${number}`)) number++
  return `${base}-${number}`
}

function refuseWhileUsed({ store }: Workbench, id: string): void {
  const user = store.runs
    .withStatus(['queued', 'starting', 'running', 'pausing', 'stopping'])
    .find(run => run.datasetId === id)
  if (user) throw conflict(`Run '${user.name}' trains on this data set. Stop it first`)
}

/** A scan replaces the index that a run or an evaluation reads: its labels would mean other classes. */
function refuseWhileInUse(workbench: Workbench, id: string): void {
  refuseWhileUsed(workbench, id)
  const user = workbench.store.evaluations.unfinished().find(each => each.datasetId === id)
  if (user) throw conflict(`Evaluation ${user.id} uses this data set. Wait until it has ended, or cancel it`)
}

function conflict(message: string): AppError {
  return new AppError('conflict', message)
}

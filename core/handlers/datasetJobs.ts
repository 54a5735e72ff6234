/** Jobs on data sets: packing, and looking for duplicates. */
import { isAbsolute, normalize } from 'node:path'
import type { Duplicates, Handlers, WorkbenchContract } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import type { TaskValue } from '../processes/protocol.ts'
import type { StoredDataset } from '../store/index.ts'
import { datasetRef, indexVersion } from './datasetViews.ts'
import { readDuplicates, writeDuplicates } from './foundDuplicates.ts'
import type { Jobs } from './jobs.ts'
import type { Workbench } from './ports.ts'
import type { Scanner } from './scanner.ts'

type JobHandlers = Pick<Handlers<WorkbenchContract>['datasets'], 'pack' | 'duplicates' | 'foundDuplicates'>

export function datasetJobs(
  { store, supervisor, folders, report }: Workbench,
  scanner: Pick<Scanner, 'refuseWhileScanning'>,
  jobs: Jobs,
): JobHandlers {
  const readable = (id: string): StoredDataset => {
    const dataset = store.datasets.get(id)
    scanner.refuseWhileScanning(id)
    if (dataset.status === 'ready') return dataset
    throw new AppError('conflict', `Data set '${dataset.name}' is not ready: ${dataset.status}`)
  }
  return {
    pack({ id, out, ...options }) {
      const dataset = readable(id)
      const input = { dataset: datasetRef(folders, dataset), out: checkedTarget(out, dataset.path), options }
      return jobs.start({
        kind: 'pack',
        title: `Packing ${dataset.name}`,
        run: watch => supervisor.runTask('pack', input, watch),
      })
    },
    duplicates({ id, ...options }) {
      const dataset = readable(id)
      const input = { dataset: datasetRef(folders, dataset), options }
      const searched = { indexVersion: indexVersion(folders, id), betweenOnly: options.betweenOnly }
      return jobs.start({
        kind: 'duplicates',
        title: `Duplicates in ${dataset.name}`,
        run: async watch => {
          const found = await supervisor.runTask('duplicates', input, watch)
          // Of some splits only, it would be taken for what there is in all.
          if (options.splits === undefined) {
            const keep = writeDuplicates(folders, id, { ...searched, report: found })
            await keep.catch((thrown: unknown) => report(AppError.from(thrown, `duplicates of ${id}`)))
          }
          return shown(dataset, found)
        },
      })
    },
    async foundDuplicates({ id }) {
      const dataset = store.datasets.get(id)
      const found = await readDuplicates(folders, id)
      return found && { betweenOnly: found.betweenOnly, found: shown(dataset, found.report) }
    },
  }
}

/** Files of the user's are only ever read: what is written goes elsewhere. */
function checkedTarget(out: string, source: string): string {
  if (!isAbsolute(out) || out.includes('\0')) {
    throw new AppError('invalid-request', `out: expected an absolute path, got '${out}'`, {
      field: 'out',
      value: out,
    })
  }
  const folder = normalize(out).replace(/(?<=.)[\\/]+$/, '')
  if (folder !== source && !folder.startsWith(`${source}/`)) return folder
  const message = `out: ${folder} lies within the data set ${source}, whose files are only read. Choose another folder`
  throw new AppError('invalid-request', message, { field: 'out', value: out })
}

function shown(dataset: StoredDataset, { counts, pairs, ...value }: TaskValue<'duplicates'>): Duplicates {
  type Image = (typeof pairs)[number]['first']
  const twin = (image: Image): Duplicates['pairs'][number]['first'] => {
    const url = `/blobs/datasets/${dataset.id}/${image.split}/${image.index}`
    const className = dataset.classes[image.label] ?? String(image.label)
    return { ...image, className, thumbnailUrl: `${url}/thumbnail`, imageUrl: `${url}/image` }
  }
  return {
    ...value,
    counts: counts.map(({ splits: [one, other], ...count }) => ({ ...count, splits: [one, other] })),
    pairs: pairs.map(pair => ({ ...pair, first: twin(pair.first), second: twin(pair.second) })),
  }
}

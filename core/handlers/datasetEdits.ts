/** Labels and tags that the user gives to images: kept in the store, and written for trainers and workers to read. */
import { createHash } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Handlers, ImageEdit as Edit, SplitName, WorkbenchContract } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import type { ImageEdit, StoredDataset } from '../store/index.ts'
import { readyDataset } from './datasetImages.ts'
import { datasetRef, editsPath, summaryOf } from './datasetViews.ts'
import type { Workbench } from './ports.ts'
import { writeWhole } from './writeWhole.ts'

type EditCalls = Pick<Handlers<WorkbenchContract>['datasets'], 'edit' | 'restoreEdits'>
/** Gives the edit that an image gets; `now` is what it has. */
type Change = (now: ImageEdit) => ImageEdit

/** Older files that something may still be reading. */
const keptFiles = 6

export function datasetEdits(workbench: Workbench): EditCalls {
  const { store, supervisor, folders, emit } = workbench
  /** One change after the other: each builds on the one before. */
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work)
    last = turn.catch(() => {})
    return turn
  }
  const apply = async (
    id: string,
    split: SplitName,
    indices: readonly number[],
    change: (index: number) => Change,
  ): Promise<ImageEdit[]> => {
    const dataset = readyDataset(store.datasets.get(id))
    const input = { dataset: datasetRef(folders, dataset), split, indices }
    const images = await supervisor.runTask('name-images', input)
    const known = store.imageEdits.of(
      id,
      split,
      images.map(({ name }) => name),
    )
    const before = images.map(({ index, name, className }): ImageEdit => ({
      ...(known.get(name) ?? { split, name, label: null, tags: [] }),
      ...{ place: index, was: className },
    }))
    const after = before.map(edit => change(edit.place)(edit))
    store.write(() => store.imageEdits.put(id, after.map(tidied)))
    await publish(workbench, id)
    emit.datasets.onChanged(summaryOf(store.datasets.get(id), null))
    return before
  }
  return {
    edit: ({ id, split, indices, label, addTags, removeTags }) =>
      inTurn(async () => {
        const dataset = store.datasets.get(id)
        if (label !== undefined) refuseGroundTruth(dataset, split)
        const className = label === undefined || label === null ? null : classOf(dataset, label)
        const change: Change = now => ({
          ...now,
          label: label === undefined ? now.label : className,
          tags: [...new Set([...now.tags, ...addTags])].filter(tag => !removeTags.includes(tag)),
        })
        const before = await apply(id, split, [...new Set(indices)], () => change)
        return { before: before.map(edit => shown(dataset, edit)) }
      }),
    restoreEdits: ({ id, split, images }) =>
      inTurn(async () => {
        const dataset = store.datasets.get(id)
        const wanted = new Map(images.map(image => [image.index, image]))
        const change = (index: number): Change => {
          const { label = null, tags = [] } = wanted.get(index) ?? {}
          return now => ({ ...now, label: label === null ? null : classOf(dataset, label), tags })
        }
        await apply(id, split, [...wanted.keys()], change)
        return {}
      }),
  }
}

/** Which images show the same is what such a data set is about. */
function refuseGroundTruth({ name }: StoredDataset, split: SplitName): void {
  if (split !== 'query' && split !== 'gallery') return
  const message = `The images of '${name}' cannot be relabelled: its ground truth says which belong together. Tag them instead`
  throw new AppError('conflict', message, { field: 'label', value: split })
}

function classOf({ name, classes }: StoredDataset, label: number): string {
  const found = classes[label]
  if (found !== undefined) return found
  const message = `label: expected 0 to ${classes.length - 1}, a class of '${name}', got ${label}`
  throw new AppError('invalid-request', message, { field: 'label', value: label })
}

/** The class that the scan found is no change. */
function tidied(edit: ImageEdit): ImageEdit {
  return edit.label === edit.was ? { ...edit, label: null } : edit
}

function shown({ classes }: StoredDataset, { place, label, tags }: ImageEdit): Edit {
  const at = label === null ? -1 : classes.indexOf(label)
  return { index: place, label: at < 0 ? null : at, tags: [...tags] }
}

/** Writes what was changed for those that read the data set. What stands in a file never changes: its name is the hash of it. */
async function publish({ store, folders }: Workbench, id: string): Promise<void> {
  const edits = store.imageEdits.list(id)
  const relabelled = edits.filter(({ label }) => label !== null)
  const tagged = edits.filter(({ tags }) => tags.length > 0)
  const write = async (kind: 'labels' | 'tags', value: Record<string, unknown>): Promise<string> => {
    if (Object.keys(value).length === 0) return ''
    const text = JSON.stringify(value)
    const version = createHash('sha256').update(text).digest('hex').slice(0, 16)
    const path = editsPath(folders, id, kind, version)
    await writeWhole(path, text)
    return version
  }
  const labelsVersion = await write(
    'labels',
    bySplit(relabelled, ({ place, name, label }) => [place, name, label]),
  )
  const tagsVersion = await write(
    'tags',
    bySplit(tagged, ({ place, name, tags }) => [place, name, tags]),
  )
  store.datasets.change(id, { labelsVersion, tagsVersion, relabelledCount: relabelled.length })
  await forgetOldest(join(folders.datasets, id), [labelsVersion, tagsVersion])
}

function bySplit(
  edits: readonly ImageEdit[],
  row: (edit: ImageEdit) => readonly unknown[],
): Record<string, unknown> {
  const groups = Map.groupBy(edits, ({ split }) => split)
  return Object.fromEntries([...groups].map(([split, own]) => [split, own.map(row)]))
}

async function forgetOldest(folder: string, current: readonly string[]): Promise<void> {
  const names = (await readdir(folder)).filter(name => /^(labels|tags)-[0-9a-f]{16}\.json$/.test(name))
  const old = names.filter(name => !current.some(version => version !== '' && name.includes(version)))
  const aged = await Promise.all(
    old.map(async name => {
      const path = join(folder, name)
      return { path, mtimeMs: (await stat(path).catch(() => null))?.mtimeMs ?? 0 }
    }),
  )
  aged.sort((one, other) => other.mtimeMs - one.mtimeMs)
  for (const { path } of aged.slice(keptFiles)) await rm(path, { force: true })
}

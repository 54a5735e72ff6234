/** Labels that the user has changed, laid over those of the scan. Files of the data set are never touched. */
import { readFile } from 'node:fs/promises'
import type { OpenDataset, Split, SplitName } from '../datasets/shared/reader.ts'
import { unreadable } from '../datasets/shared/pixels.ts'
import { AppError } from '../errors/index.ts'

/** An image and the name of its class. The name of the image counts; the index says where to look first. */
export type Relabel = readonly [index: number, name: string, className: string]

/** The file of changed labels, as JSON. */
export type Relabels = Readonly<Partial<Record<SplitName, readonly Relabel[]>>>

/**
 * @param path file of `Relabels`; left out: the data set as it is. Images and classes that are not there any more are passed over
 * @throws AppError data-unreadable or data-invalid naming the file
 */
export async function relabelled(dataset: OpenDataset, path: string | undefined): Promise<OpenDataset> {
  if (path === undefined) return dataset
  const relabels = await readRelabels(path)
  const classes = new Map(dataset.classes.map((name, label) => [name, label]))
  const splits = Object.entries(dataset.splits).map(([name, split]) => {
    const changes = relabels[name as SplitName]
    return [name, changes && changes.length > 0 ? changed(split, changes, classes) : split]
  })
  return { ...dataset, splits: Object.fromEntries(splits) as OpenDataset['splits'] }
}

function changed(split: Split, changes: readonly Relabel[], classes: ReadonlyMap<string, number>): Split {
  const labels = Int32Array.from(split.labels)
  const places = placesOf(
    split,
    changes.map(([index, name]) => ({ index, name })),
  )
  changes.forEach(([, , className], at) => {
    const [place, label] = [places[at] as number, classes.get(className)]
    if (place >= 0 && label !== undefined) labels[place] = label
  })
  return { ...split, labels, scannedLabels: split.labels }
}

/**
 * Where images lie now. A new scan may have moved them: then they are looked for by name.
 * @returns index of each, -1 for those that are not there
 */
export function placesOf(
  split: Pick<Split, 'count' | 'name'>,
  images: readonly { readonly index: number; readonly name: string }[],
): number[] {
  let all: Map<string, number> | null = null
  return images.map(({ index, name }) => {
    if (index < split.count && split.name(index) === name) return index
    all ??= new Map(Array.from({ length: split.count }, (_, at) => [split.name(at), at]))
    return all.get(name) ?? -1
  })
}

async function readRelabels(path: string): Promise<Relabels> {
  const text = await readFile(path, 'utf8').catch((thrown: unknown) => {
    throw unreadable(path, thrown)
  })
  try {
    return JSON.parse(text) as Relabels
  } catch (thrown) {
    throw new AppError('data-invalid', `${path}: the changed labels are damaged`, { file: path }, thrown)
  }
}

/** Which folders of a data set are splits and which are classes, and what lies in them. */
import { AppError } from '../../errors/index.ts'
import { picturesAmong } from './checkFiles.ts'
import type { LabelledFile } from './fileList.ts'
import { joinPath, shownName } from './fileName.ts'
import { findFlatLabels } from './flatLabels.ts'
import type { SplitName } from './reader.ts'
import { filesBelow, folderContent, type FoundFile, type Walk } from './walk.ts'

/** Folders of splits, or class folders directly in the root. */
export type Layout =
  | {
      readonly kind: 'splits'
      readonly splits: readonly { readonly name: SplitName; readonly folder: Buffer }[]
    }
  | { readonly kind: 'classes' }

/** The pictures of a split: those of each class folder, or a flat list. */
export interface ListedSplit {
  readonly name: SplitName
  readonly folder: Buffer
  readonly classes: readonly { readonly name: string; readonly files: readonly FoundFile[] }[]
  readonly flat: readonly FoundFile[]
}

export interface LabelledSplit {
  readonly name: SplitName
  readonly files: readonly LabelledFile[]
}

const splitNames = ['train', 'val', 'test'] as const
const folderNames: Readonly<Record<(typeof splitNames)[number], readonly string[]>> = {
  train: ['train', 'training'],
  val: ['val', 'validation', 'valid'],
  test: ['test', 'testing'],
}
const root = Buffer.alloc(0)
const shownClasses = 5
const emptyClass = 'a class folder without images; left out'

/**
 * Splits, when a folder named like one has folders of its own: `train` may as well be a class of vehicles.
 * @throws AppError data-unreadable
 */
export async function findLayout(walk: Walk): Promise<Layout> {
  const { folders } = await folderContent(walk, root)
  const splits = splitNames.flatMap(name => {
    const folder = folders.find(each => folderNames[name].includes(each.toString('latin1').toLowerCase()))
    return folder ? [{ name, folder }] : []
  })
  for (const { folder } of splits) {
    const content = await folderContent(walk, folder).catch(() => null)
    if (content && content.folders.length > 0) return { kind: 'splits', splits }
  }
  return { kind: 'classes' }
}

/** Lists all files, then looks at each. @throws AppError cancelled, data-unreadable */
export async function listSplits(walk: Walk, layout: Layout): Promise<ListedSplit[]> {
  const wanted = layout.kind === 'splits' ? layout.splits : [{ name: 'train' as const, folder: root }]
  const listed: ListedSplit[] = []
  for (const { name, folder } of wanted) listed.push(await listSplit(walk, name, folder))
  const total = walk.fileCount
  let done = 0
  const checked = async (files: readonly FoundFile[]): Promise<FoundFile[]> => {
    const pictures = await picturesAmong(walk, files, done, total)
    done += files.length
    return pictures
  }
  const splits: ListedSplit[] = []
  for (const { name, folder, classes, flat } of listed) {
    const pictures = []
    for (const each of classes) pictures.push({ name: each.name, files: await checked(each.files) })
    splits.push({ name, folder, classes: pictures, flat: await checked(flat) })
  }
  return splits
}

/**
 * The classes, sorted by name: those of `train` that have pictures, without `train` those of all splits.
 * @throws AppError data-invalid for fewer than two
 */
export function classNamesOf(walk: Walk, splits: readonly ListedSplit[]): string[] {
  const train = splits.filter(({ name }) => name === 'train')
  const deciding = train.length > 0 ? train : splits
  const names = new Set<string>()
  for (const { classes, folder } of deciding) {
    for (const { name, files } of classes) {
      if (files.length > 0) names.add(name)
      else walk.problems.add(joinPath(folder, Buffer.from(name)), emptyClass)
    }
  }
  if (names.size < 2) throw tooFewClasses(walk, deciding, [...names])
  return [...names].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
}

/** Gives every picture its class. @throws AppError data-invalid */
export async function labelSplits(
  walk: Walk,
  splits: readonly ListedSplit[],
  classes: readonly string[],
): Promise<LabelledSplit[]> {
  const labelOf = new Map(classes.map((name, label) => [name, label]))
  const labelled: LabelledSplit[] = []
  for (const split of splits) {
    const isFlat = split.flat.length > 0 && split.classes.length === 0
    const files = isFlat
      ? await labelFlat(walk, split, classes, labelOf)
      : labelFolders(walk, split, classes, labelOf)
    tellEmptyClasses(walk, split, classes, files)
    if (files.length > 0) labelled.push({ name: split.name, files })
    else walk.problems.add(split.folder, 'no labelled images; the split is left out')
  }
  return labelled
}

async function listSplit(walk: Walk, name: SplitName, folder: Buffer): Promise<ListedSplit> {
  const content = await folderContent(walk, folder)
  const classes = []
  for (const each of content.folders) {
    const files: FoundFile[] = []
    for await (const file of filesBelow(walk, joinPath(folder, each), [folder])) files.push(file)
    classes.push({ name: shownName(each), files })
  }
  if (classes.length > 0) {
    const stray = content.files.length
    if (stray > 0 && folder.length > 0)
      walk.problems.add(folder, `${stray} files outside any class folder; left out`)
    return { name, folder, classes, flat: [] }
  }
  walk.fileCount += content.files.length
  return { name, folder, classes, flat: content.files.map(file => ({ folder, name: file })) }
}

function labelFolders(
  walk: Walk,
  split: ListedSplit,
  classes: readonly string[],
  labelOf: ReadonlyMap<string, number>,
): LabelledFile[] {
  const present = new Set(split.classes.map(({ name }) => name))
  const missing = classes.filter(name => !present.has(name))
  if (missing.length > 0) walk.problems.add(split.folder, `no folder for ${some(missing)}`)
  return split.classes.flatMap(({ name, files }) => {
    const label = labelOf.get(name)
    if (label !== undefined) return files.map(file => ({ ...file, label }))
    if (files.length === 0) return []
    const path = shownName(joinPath(walk.root, split.folder, Buffer.from(name)))
    const message = `${path}: a class that train/ has no images of. Rename or remove the folder. Classes of train/: ${some(classes)}`
    throw new AppError('data-invalid', message, { file: path, value: name, known: classes.slice(0, 100) })
  })
}

/** Classes whose folder is there without an image, or that a flat list does not name. */
function tellEmptyClasses(
  walk: Walk,
  split: ListedSplit,
  classes: readonly string[],
  files: readonly LabelledFile[],
): void {
  if (files.length === 0) return
  const found = new Set(files.map(({ label }) => label))
  const present = new Set(split.classes.map(({ name }) => name))
  const empty = classes.filter(
    (name, label) => !found.has(label) && (present.size === 0 || present.has(name)),
  )
  if (empty.length > 0) walk.problems.add(split.folder, `no images of ${some(empty)}`)
}

/** A test split without labels is common and left out; a validation split is not. */
async function labelFlat(
  walk: Walk,
  split: ListedSplit,
  classes: readonly string[],
  labelOf: ReadonlyMap<string, number>,
): Promise<LabelledFile[]> {
  if (split.name === 'test') return []
  const folder = joinPath(walk.root, split.folder)
  const labels = await findFlatLabels(walk.root.toString(), folder.toString(), classes, split.flat.length)
  const files = split.flat.flatMap((file, place) => {
    const name = labels.classOf(shownName(file.name), place)
    const label = name === undefined ? undefined : labelOf.get(name)
    if (name === undefined)
      walk.problems.add(joinPath(file.folder, file.name), `${labels.source} does not name it; left out`)
    return label === undefined ? [] : [{ ...file, label }]
  })
  const without = split.flat.length - files.length
  if (without > 0) walk.problems.add(split.folder, `${without} images of no class that train/ has; left out`)
  return files
}

function tooFewClasses(walk: Walk, splits: readonly ListedSplit[], names: readonly string[]): AppError {
  const path = shownName(walk.root)
  const count = splits.reduce((sum, { classes, flat }) => sum + classes.length + flat.length, 0)
  const found =
    names.length === 1
      ? `images of one class only, '${names[0]}'`
      : count === 0
        ? 'no images: the folder is empty'
        : 'no class folder with images in it'
  const problems = walk.problems.list()
  const problem = problems.find(each => each.problem !== emptyClass) ?? problems[0]
  const example = problem ? `. For example ${problem.file}: ${problem.problem}` : ''
  const message = `${path}: expected two or more class folders with images, found ${found}. Put the images of each class into a folder of its own${example}`
  return new AppError('data-invalid', message, {
    file: path,
    classes: names,
    problems: problems.slice(0, 100),
  })
}

function some(names: readonly string[]): string {
  const more = names.length > shownClasses ? `, and ${names.length - shownClasses} more` : ''
  return names.slice(0, shownClasses).join(', ') + more
}

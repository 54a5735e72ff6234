/**
 * Labels for a flat folder of validation images, as ImageNet ships its own: the devkit's ground truth with meta.mat,
 * Kaggle's LOC_val_solution.csv, or a list of file names (or of nothing but classes, in the order of the files).
 *
 * The devkit's numbers are ILSVRC2012_ID, not places in the alphabet of synsets: only meta.mat tells which is which.
 */
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../errors/index.ts'
import { readMatFile } from './matFile.ts'
import { unreadable } from './pixels.ts'

/** Where labels were found, and the class folder's name for each file. */
export interface FlatLabels {
  readonly source: string
  /** @param file name of the file; @param place in the order of names, from 0 */
  classOf(file: string, place: number): string | undefined
}

const groundTruth = 'ILSVRC2012_validation_ground_truth.txt'
const kaggle = 'LOC_val_solution.csv'
const lists = [
  'val.txt',
  'val_map.txt',
  'val_labels.txt',
  'validation_labels.txt',
  'val_annotations.txt',
  'imagenet_2012_validation_synset_labels.txt',
]

/**
 * Finds labels for the files of `flatFolder`.
 * @param root of the data set
 * @param classes names of the class folders, sorted: lists may hold numbers of them, from 0
 * @param fileCount files in the folder: a list of classes alone must have as many lines
 * @throws AppError data-invalid with the remedy when there are none
 */
export async function findFlatLabels(
  root: string,
  flatFolder: string,
  classes: readonly string[],
  fileCount: number,
): Promise<FlatLabels> {
  for (const folder of await searchedFolders(root, flatFolder)) {
    const names = await readdir(folder).catch((): string[] => [])
    if (names.includes(groundTruth)) return fromDevkit(folder, names)
    if (names.includes(kaggle)) return fromPairs(join(folder, kaggle), parseKaggle, classes)
    const list = lists.find(name => names.includes(name))
    if (list) return fromList(join(folder, list), classes, fileCount)
  }
  const message =
    `${flatFolder}: the images lie in no class folders, and nothing says their classes. Put ${groundTruth} and meta.mat ` +
    `(from ILSVRC2012_devkit_t12.tar.gz, folder data), ${kaggle} or a val.txt with lines 'file class' into ${root}, ` +
    'or sort the images into one folder a class'
  throw new AppError('data-invalid', message, {
    file: flatFolder,
    expected: [groundTruth, 'meta.mat', kaggle, ...lists],
  })
}

async function searchedFolders(root: string, flatFolder: string): Promise<string[]> {
  const inRoot = await readdir(root).catch((): string[] => [])
  const kits = inRoot.filter(name => /devkit/i.test(name)).map(name => join(root, name))
  return [root, flatFolder, join(root, 'data'), ...kits.flatMap(kit => [join(kit, 'data'), kit])]
}

async function fromDevkit(folder: string, names: readonly string[]): Promise<FlatLabels> {
  const source = join(folder, groundTruth)
  if (!names.includes('meta.mat')) {
    const message =
      `${source}: meta.mat is missing beside it. The numbers are ILSVRC2012_ID, which only meta.mat translates to synsets. ` +
      'Take it from ILSVRC2012_devkit_t12.tar.gz, folder data'
    throw new AppError('data-invalid', message, { file: join(folder, 'meta.mat') })
  }
  const synsetOf = await readMeta(join(folder, 'meta.mat'))
  const numbers = (await readText(source)).split('\n').map(line => Number(line.trim()))
  return {
    source,
    classOf: file => {
      const number = /(\d{8})\.[^.]+$/.exec(file)?.[1]
      return number ? synsetOf.get(numbers[Number(number) - 1] ?? 0) : undefined
    },
  }
}

/** Synset by ILSVRC2012_ID. */
async function readMeta(file: string): Promise<Map<number, string>> {
  const bytes = await readFile(file).catch((thrown: unknown) => {
    throw unreadable(file, thrown)
  })
  const synsets = readMatFile(file, bytes).get('synsets')
  const byId = new Map<number, string>()
  for (const synset of Array.isArray(synsets) ? synsets : []) {
    if (typeof synset !== 'object' || synset === null) continue
    const id = synset['ILSVRC2012_ID']
    const name = synset['WNID']
    if (Array.isArray(id) && typeof id[0] === 'number' && typeof name === 'string') byId.set(id[0], name)
  }
  if (byId.size === 0) {
    throw new AppError('data-invalid', `${file}: expected synsets with ILSVRC2012_ID and WNID, found none`, {
      file,
    })
  }
  return byId
}

type Pairs = ReadonlyMap<string, string>

async function fromPairs(
  source: string,
  parse: (text: string) => Pairs,
  classes: readonly string[],
): Promise<FlatLabels> {
  const pairs = parse(await readText(source))
  return {
    source,
    classOf: file => named(pairs.get(file) ?? pairs.get(file.replace(/\.[^.]+$/, '')), classes),
  }
}

/** `ImageId,PredictionString` with the synset as the first word of the string. */
function parseKaggle(text: string): Pairs {
  const lines = text.split('\n').map(line => /^"?([^,"]+)"?,"?(n\d{8})/.exec(line))
  return new Map(lines.flatMap(match => (match ? [[match[1] as string, match[2] as string]] : [])))
}

async function fromList(source: string, classes: readonly string[], fileCount: number): Promise<FlatLabels> {
  const lines = (await readText(source))
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
  const pairs = lines.map(line => /^(\S+)[\s,]+(\S+)/.exec(line))
  if (pairs.every(pair => pair !== null)) {
    const byFile = new Map(
      pairs.map(([, file, label]) => [(file as string).replace(/^.*\//, ''), label as string]),
    )
    return { source, classOf: file => named(byFile.get(file), classes) }
  }
  if (lines.length !== fileCount) {
    throw new AppError('data-invalid', `${source}: ${lines.length} lines for ${fileCount} images`, {
      file: source,
    })
  }
  return { source, classOf: (_, place) => named(lines[place], classes) }
}

/** A class by its name or its number in the alphabet. */
function named(label: string | undefined, classes: readonly string[]): string | undefined {
  return label !== undefined && /^\d+$/.test(label) && !classes.includes(label)
    ? classes[Number(label)]
    : label
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((thrown: unknown) => {
    throw unreadable(file, thrown)
  })
}

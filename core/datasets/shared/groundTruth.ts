/** Ground truth as revisitop ships it: names of images, and for each query a box and the easy, hard and junk ones. */
import { invalidFile } from './invalidFile.ts'
import { readPickle, type Pickled } from './pickle.ts'
import { readWholeFile } from './pixels.ts'

export interface GroundTruth {
  readonly galleryNames: readonly string[]
  readonly queryNames: readonly string[]
  readonly queries: readonly {
    readonly easy: readonly number[]
    readonly hard: readonly number[]
    readonly junk: readonly number[]
    readonly box: readonly [number, number, number, number] | null
  }[]
  /** What an image of the gallery shows, where a query says it. */
  readonly landmarkOf: ReadonlyMap<number, string>
}

/** @param file a .pkl or .json @throws AppError data-invalid naming the file and what is wrong; data-unreadable */
export async function readGroundTruth(file: string): Promise<GroundTruth> {
  const bytes = await readWholeFile(file)
  const root = file.endsWith('.json') ? parseJson(file, bytes) : readPickle(file, bytes)
  const fail = (problem: string): never => {
    throw invalidFile(file, problem, 'Fetch it again')
  }
  const field = (of: Pickled, name: string): Pickled => {
    const value = of instanceof Map ? of.get(name) : undefined
    return value === undefined ? fail(`expected a dictionary with '${name}', found none`) : value
  }
  const names = (name: string): string[] => {
    const value = field(root, name)
    const isList = Array.isArray(value) && value.every(each => typeof each === 'string' && isPlainName(each))
    return isList ? (value as string[]) : fail(`expected '${name}' to be a list of names`)
  }
  const galleryNames = names('imlist')
  const queryNames = names('qimlist')
  const entries = field(root, 'gnd')
  if (!Array.isArray(entries) || entries.length !== queryNames.length)
    return fail(`expected 'gnd' to have an entry for each of ${queryNames.length} queries`)
  const places = (of: Pickled, at: number, name: string): number[] => {
    const value = of instanceof Map && !of.has(name) ? [] : field(of, name)
    const isList =
      Array.isArray(value) &&
      value.every(
        each => Number.isInteger(each) && (each as number) >= 0 && (each as number) < galleryNames.length,
      )
    return isList
      ? (value as number[])
      : fail(`query ${at}: expected '${name}' to be places from 0 to ${galleryNames.length - 1}`)
  }
  const queries = entries.map((each, at) => ({
    easy: places(each, at, 'easy'),
    hard: places(each, at, 'hard'),
    junk: places(each, at, 'junk'),
    box:
      boxOf(each) ??
      (each instanceof Map && each.has('bbx')
        ? fail(`query ${at}: expected 'bbx' to be four numbers`)
        : null),
  }))
  const landmarkOf = new Map<number, string>()
  queries.forEach(({ easy, hard }, at) => {
    const landmark = landmarkName(queryNames[at] as string)
    for (const place of [...easy, ...hard]) landmarkOf.set(place, landmark)
  })
  return { galleryNames, queryNames, queries, landmarkOf }
}

/** `all_souls_000013` shows All Souls. */
export function landmarkName(name: string): string {
  return name.replace(/_\d+$/, '')
}

/** A name leads nowhere else. */
function isPlainName(name: string): boolean {
  return name !== '' && !/[/\\\0]/.test(name) && !name.startsWith('.')
}

function boxOf(entry: Pickled): readonly [number, number, number, number] | null {
  const box = entry instanceof Map ? entry.get('bbx') : undefined
  if (!Array.isArray(box) || box.length !== 4 || !box.every(Number.isFinite)) return null
  return box as unknown as [number, number, number, number]
}

function parseJson(file: string, bytes: Buffer): Pickled {
  try {
    return asMaps(JSON.parse(bytes.toString('utf8')))
  } catch (thrown) {
    throw invalidFile(file, `no JSON: ${(thrown as Error).message}`, 'Convert it again')
  }
}

function asMaps(value: unknown): Pickled {
  if (Array.isArray(value)) return value.map(asMaps)
  if (typeof value !== 'object' || value === null) return value as Pickled
  return new Map(Object.entries(value).map(([key, each]) => [key, asMaps(each)]))
}

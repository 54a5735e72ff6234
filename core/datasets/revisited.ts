/** Oxford and Paris buildings with the labels of Revisiting Oxford and Paris: easy, hard and junk images for each query. */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { picturesAmong } from './shared/checkFiles.ts'
import { joinPath } from './shared/fileName.ts'
import { landmarkName, readGroundTruth, type GroundTruth } from './shared/groundTruth.ts'
import { invalidFile } from './shared/invalidFile.ts'
import { listFolder } from './shared/pixels.ts'
import type { Reader, Scan, ScanWatcher } from './shared/reader.ts'
import { openRetrieval, scanRetrieval, type GroupedFile } from './shared/retrievalSet.ts'
import type { RetrievalQuery } from './shared/retrievalTruth.ts'
import { beginWalk, type Walk } from './shared/walk.ts'

export const revisited = entry({
  name: 'revisited',
  title: 'Revisited Oxford and Paris',
  summary: 'gnd_roxford5k.pkl or gnd_rparis6k.pkl (or .json) beside jpg/ with the images.',
  source: 'F. Radenović et al. 2018: Revisiting Oxford and Paris; github.com/filipradenovic/revisitop',
  options: z.strictObject({}),
  create: (): Reader => ({ recognise, scan, open: openRetrieval('revisited') }),
})

const truthName = /^gnd_(roxford5k|rparis6k|[a-z0-9]+)\.(pkl|json)$/
const folders = ['jpg', 'images', '']
const outside = 'distractor'

async function recognise(path: string): Promise<{ score: number; reason: string }> {
  const name = truthIn(await listFolder(path))
  return name === null ? { score: 0, reason: 'no gnd_roxford5k.pkl' } : { score: 1, reason: `found ${name}` }
}

async function scan(path: string, watcher: ScanWatcher): Promise<Scan> {
  const name = truthIn(await listFolder(path))
  if (name === null)
    throw invalidFile(
      path,
      'expected gnd_roxford5k.pkl or gnd_rparis6k.pkl, found none',
      'Put it beside jpg/',
    )
  const truth = await readGroundTruth(join(path, name))
  const walk = beginWalk(path, watcher)
  const folder = await folderOf(path, truth)
  const queries = await present(walk, folder, truth.queryNames, truth)
  const gallery = await present(walk, folder, truth.galleryNames, truth)
  const placeOf = new Map(gallery.map(({ at }, place) => [at, place]))
  const places = (wanted: readonly number[]): Int32Array =>
    Int32Array.from(wanted.flatMap(at => placeOf.get(at) ?? []))
  return scanRetrieval('revisited', walk, {
    queries,
    gallery,
    truth: {
      protocol: 'revisited',
      queries: queries.map(({ at }, query): RetrievalQuery => {
        const { easy, hard, junk, box } = truth.queries[at] as GroundTruth['queries'][number]
        return { query, self: null, easy: places(easy), hard: places(hard), junk: places(junk), box }
      }),
    },
  })
}

/** The .pkl file where both are there. */
function truthIn(names: readonly string[]): string | null {
  return (
    names
      .filter(name => truthName.test(name))
      .sort()
      .at(-1) ?? null
  )
}

/** Where the images lie: in the folder that has the first query. */
async function folderOf(path: string, truth: GroundTruth): Promise<string> {
  const first = `${truth.queryNames[0]}.jpg`
  for (const folder of folders) {
    const isThere = await access(join(path, folder, first)).then(
      () => true,
      () => false,
    )
    if (isThere) return folder
  }
  throw invalidFile(
    join(path, 'jpg', first),
    'the first query is not there',
    'Put the images into the folder jpg',
  )
}

/** The images that are there, each with its place in the list. */
async function present(
  walk: Walk,
  folder: string,
  names: readonly string[],
  truth: GroundTruth,
): Promise<(GroupedFile & { readonly at: number })[]> {
  const isQuery = names === truth.queryNames
  const files = names.map((name, at) => ({
    folder: Buffer.from(folder),
    name: Buffer.from(`${name}.jpg`).toString('latin1'),
    group: isQuery ? landmarkName(name) : (truth.landmarkOf.get(at) ?? outside),
    at,
  }))
  const isThere = await Promise.all(
    files.map(({ name }) =>
      access(joinPath(walk.root, Buffer.from(folder), name)).then(
        () => true,
        () => false,
      ),
    ),
  )
  files.forEach(({ name, folder: within }, at) => {
    if (!isThere[at])
      walk.problems.add(joinPath(within, name), 'it is not there; left out of the ground truth')
  })
  const there = files.filter((_, at) => isThere[at])
  return picturesAmong(walk, there, 0, there.length)
}

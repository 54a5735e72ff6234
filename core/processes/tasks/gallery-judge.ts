/** Judges every query of a gallery, once for each way of searching. */
import { createHash } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startBackend } from '../../backend/index.ts'
import { AppError } from '../../errors/index.ts'
import type { Embeddings } from '../../retrieval/embeddings.ts'
import {
  galleryFolder,
  hasOwnQueries,
  judgeGallery,
  openKept,
  openRotated,
  powerFolder,
  readPrincipal,
  rotatedRow,
  scaledRows,
  squaredFactors,
  truthOf,
  type Judgement,
} from '../../retrieval/gallery/index.ts'
import { inMemory } from '../../retrieval/embeddings.ts'
import { factsOf } from '../galleries.ts'
import { watchedBy } from '../networkOptions.ts'
import { keptOpen } from '../openDatasets.ts'
import type { Task, TaskInput } from '../protocol.ts'

export const galleryJudge: Task<'gallery-judge'> = {
  name: 'gallery-judge',
  run: async (input, watcher) => {
    const { key } = await factsOf(input, input.power)
    const folder = powerFolder(galleryFolder(input.cacheFolder, key), input.power)
    const choice = createHash('sha256')
      .update(JSON.stringify([input.whitening, input.most, input.dataset]))
      .digest('hex')
    const file = join(folder, `judged-${choice.slice(0, 16)}.json`)
    const known = await readFile(file, 'utf8').then(
      text => JSON.parse(text) as Judgement,
      () => null,
    )
    if (known) return known
    watcher.progress('loading', 0, 0)
    await startBackend('auto', ['float32'], 'auto')
    const opened: Embeddings[] = []
    try {
      const made = await judged(input, key, folder, opened, watchedBy(watcher))
      await writeFile(`${file}.new`, JSON.stringify(made))
      await rename(`${file}.new`, file)
      // As it is read again: what is no number is null.
      return JSON.parse(JSON.stringify(made)) as Judgement
    } finally {
      for (const each of opened) await each.close()
    }
  },
}

async function judged(
  { cacheFolder, power, whitening, split, most, dataset: ref }: TaskInput<'gallery-judge'>,
  key: string,
  folder: string,
  opened: Embeddings[],
  { progress, isCancelled }: ReturnType<typeof watchedBy>,
): Promise<Judgement> {
  const dataset = await keptOpen(ref)
  const open = async (kind: 'p' | 'queries'): Promise<Embeddings> => {
    const embeddings = await openKept(cacheFolder, key, power, kind)
    opened.push(embeddings)
    return embeddings
  }
  let gallery = await open('p')
  const own = hasOwnQueries(dataset, split) ? await open('queries') : null
  let queries = own ?? gallery
  if (whitening) {
    const principal = await readPrincipal(folder, gallery.width)
    const rotated = await openRotated(folder, key)
    if (!principal || !rotated)
      throw new AppError('not-found', 'The whitening of this gallery is not learned. Learn it first')
    opened.push(rotated)
    const squared = squaredFactors(principal.variances, whitening, rotated.count)
    gallery = scaledRows(rotated, squared)
    queries = gallery
    if (own) {
      const rows = new Float32Array(own.count * own.width)
      for (let row = 0; row < own.count; row++)
        rows.set(rotatedRow(principal, await own.rows(row, row + 1)), row * own.width)
      queries = scaledRows(inMemory(rows, own.width, own.indices, own.labels), squared)
    }
  }
  // The user may have changed labels since the gallery was embedded.
  const now = dataset.splits[split]!.labels
  if (!own) queries = { ...queries, labels: queries.indices.map(index => now[index]!) }
  const truth = truthOf(dataset, split, queries)
  const watch = { progress: (done: number, total: number) => progress('ranking', done, total), isCancelled }
  const made = await judgeGallery(queries, gallery, truth, most, watch)
  if (made === null) throw new AppError('internal', 'The ranking ended without a result')
  return made
}

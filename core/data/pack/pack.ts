/** Packs a data set into TFRecord files with slim's schema: in parallel, in an order of its own, and able to go on. */
import { statfs } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type {
  DatasetRef,
  OpenDataset,
  ScanWatcher,
  SharedPixels,
  SplitName,
} from '../../datasets/shared/reader.ts'
import { AppError } from '../../errors/index.ts'
import { datasetIdentity } from '../identity.ts'
import { openDataset, readShared } from '../openDataset.ts'
import { writeWhole } from '../writeWhole.ts'
import { labelsName, openJournal, writeJournal, type PackIdentity } from './journal.ts'
import { planPack, type PackPlan } from './plan.ts'
import { counters, runPackThreads } from './threads.ts'
import type { PackOptions, PackReport, WrittenShard } from './types.ts'

/** How often progress is told and cancelling is noticed. */
const everyMs = 100
const mostListed = 1000

/**
 * @param out folder to write to: new, empty, or left by the same packing, which then goes on
 * @param threads left out: one for each core
 * @throws AppError conflict, not-found, disk-full, cancelled (what is finished stays, and the next call goes on from it), data-invalid
 * when no image at all can be written, and what opening the data set throws.
 */
export async function packDataset(
  ref: DatasetRef,
  out: string,
  options: PackOptions,
  watcher: ScanWatcher,
  threads = availableParallelism(),
): Promise<PackReport> {
  watcher.progress('Looking at the images', 0, 0)
  const index = await readShared(ref.indexPath)
  const dataset = await openDataset(ref, { index, pixels: {} })
  try {
    const plan = await planPack(dataset, options)
    const identity = identityOf(ref, dataset, index, options, plan)
    const kept = await openJournal(out, identity).catch((thrown: unknown) => {
      throw AppError.from(thrown, out)
    })
    await checkSpace(out, plan, kept)
    const done = new Map(kept.map(shard => [shard.file, shard]))
    const shards = plan.shards.filter(({ file }) => !done.has(file))
    const record = (isComplete: boolean): Promise<void> =>
      writeJournal(out, identity, [...done.values()], isComplete)
    await record(false)
    await writeWhole(join(out, labelsName), Buffer.from(labelsText(dataset.classes, options.labelOffset)))
    const pixels = await sharedPixels(dataset, plan)
    const control = new SharedArrayBuffer(counters.length * BigInt64Array.BYTES_PER_ELEMENT)
    const data = { dataset: ref, shared: { index, pixels }, shards, out, options, control }
    const count = Math.min(Math.max(1, threads), shards.length)
    const end = watch(control, plan.imageCount - imagesIn(shards), plan.imageCount, watcher)
    try {
      await runPackThreads(count, data, async shard => {
        done.set(shard.file, shard)
        await record(false)
      })
    } finally {
      end()
    }
    const report = reportOf(out, plan, [...done.values()], kept.length)
    if (report.splits.every(({ records }) => records === 0)) throw nothingWritten(ref.path, report)
    await record(true)
    return report
  } finally {
    await dataset.close()
  }
}

/** All that decides what the files hold, in words that a person compares. */
function identityOf(
  ref: DatasetRef,
  dataset: OpenDataset,
  index: SharedArrayBuffer,
  options: PackOptions,
  plan: PackPlan,
): PackIdentity {
  const { indexHash } = datasetIdentity(index, dataset.classes)
  const { seed, labelOffset, shorterSide = null } = options
  const quality = shorterSide === null ? null : options.quality
  const splits = Object.fromEntries(Map.groupBy(plan.shards, ({ split }) => split))
  const files = Object.fromEntries(Object.entries(splits).map(([name, shards]) => [name, shards.length]))
  return { source: ref.path, files, seed, labelOffset, shorterSide, quality, index: indexHash }
}

function labelsText(classes: readonly string[], offset: 0 | 1): string {
  const lines = classes.map((name, label) => `${label + offset}:${name.replace(/[\r\n]+/g, ' ')}`)
  return `${[...(offset === 1 ? ['0:background'] : []), ...lines].join('\n')}\n`
}

async function sharedPixels(dataset: OpenDataset, plan: PackPlan): Promise<SharedPixels> {
  if (!dataset.share) return {}
  const pixels: Partial<Record<SplitName, SharedArrayBuffer>> = {}
  for (const name of new Set(plan.shards.map(({ split }) => split))) pixels[name] = await dataset.share(name)
  return pixels
}

/** A full disk after hours is told before the first byte, where it can be. */
async function checkSpace(out: string, plan: PackPlan, kept: readonly WrittenShard[]): Promise<void> {
  const { bavail, bsize } = await statfs(out)
  const needed = plan.totalBytes - kept.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  if (bavail * bsize > needed) return
  const [need, free] = [needed, bavail * bsize].map(bytes => `${(bytes / 1e9).toFixed(1)} GB`)
  throw new AppError('disk-full', `${out}: the files need about ${need}, and ${free} are free`, { file: out })
}

function imagesIn(shards: PackPlan['shards']): number {
  return shards.reduce((sum, { from, to }) => sum + to - from, 0)
}

/** Tells of progress and asks the threads to end once the work is cancelled. @returns a function that ends the watch. */
function watch(control: SharedArrayBuffer, before: number, total: number, watcher: ScanWatcher): () => void {
  const state = new BigInt64Array(control)
  const timer = setInterval(() => {
    watcher.progress('Writing images', before + Number(Atomics.load(state, counters.images)), total)
    try {
      watcher.throwIfCancelled()
    } catch {
      Atomics.store(state, counters.isCancelled, 1n)
    }
  }, everyMs)
  return () => {
    clearInterval(timer)
    watcher.throwIfCancelled()
  }
}

function reportOf(
  out: string,
  plan: PackPlan,
  written: readonly WrittenShard[],
  keptFiles: number,
): PackReport {
  const byFile = new Map(written.map(shard => [shard.file, shard]))
  const splits = [...Map.groupBy(plan.shards, ({ split }) => split)].map(([name, shards]) => {
    const files = shards.flatMap(({ file }) => byFile.get(file) ?? [])
    return {
      name,
      files: files.length,
      records: files.reduce((sum, { records }) => sum + records, 0),
      sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    }
  })
  const leftOut = written.flatMap(shard => shard.leftOut)
  return { out, splits, keptFiles, leftOutCount: leftOut.length, leftOut: leftOut.slice(0, mostListed) }
}

function nothingWritten(path: string, { leftOut }: PackReport): AppError {
  const [first] = leftOut
  const example = first ? `. For example ${first.file}: ${first.problem}` : ''
  return new AppError('data-invalid', `${path}: not one image could be written${example}`, { file: path })
}

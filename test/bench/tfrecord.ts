/**
 * TFRecord files beside JPEG decoding and the disk: packing, scanning, reading record by record, and whole batches from them and from
 * the same files in folders. `node test/bench/tfrecord.ts [--copies 24]`; photographs are made, and go when it ends.
 */
import { linkSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { open, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openDataset, openLoader, packDataset } from '../../core/data/index.ts'
import { defaultPackOptions } from '../../core/data/pack/types.ts'
import { itemPreparer } from '../../core/data/prepareItem.ts'
import type { LoaderOptions } from '../../core/data/types.ts'
import { readers } from '../../core/datasets/index.ts'
import type { DatasetRef } from '../../core/datasets/shared/reader.ts'
import { makePhotographs } from './photographs.ts'
import { withScratch } from './scratch.ts'
import { short, spreadOf } from './statistics.ts'

export interface TfrecordBench {
  readonly rows: readonly string[]
  readonly keys: Readonly<Record<string, number>>
}

const silent = { progress: () => {}, throwIfCancelled: () => {} }
const side = 224

/** @param copies of 64 photographs, as links: their bytes are read from the cache, as those of a training run's second epoch are */
export async function benchTfrecord({
  copies,
  pairs,
}: {
  copies: number
  pairs: number
}): Promise<TfrecordBench> {
  const photographs = await makePhotographs()
  try {
    return await withScratch(folder => measure(folder, photographs, copies, pairs))
  } finally {
    rmSync(photographs, { recursive: true, force: true })
  }
}

async function measure(
  folder: string,
  photographs: string,
  copies: number,
  pairs: number,
): Promise<TfrecordBench> {
  const folders = join(folder, 'folders')
  linkInto(folders, photographs, copies)
  const files = await scanned(folders, 'image-folder', join(folder, 'index-folders'))
  const packed = join(folder, 'packed')
  const packMs = await timed(() =>
    packDataset(files.ref, packed, { ...defaultPackOptions, shards: 4 }, silent),
  )
  const bytes = sizeOf(packed)
  const rate = (ms: number): number => bytes / 1e3 / ms
  const diskMs = await timed(() => writePlain(join(folder, 'plain'), bytes))
  const records = await scanned(packed, 'tfrecord', join(folder, 'index-packed'))
  const reads: number[] = []
  const decodes: number[] = []
  const ratios: number[] = []
  const loaders: number[] = []
  for (let turn = 0; turn < pairs; turn++) {
    const read = await readAll(records.ref)
    const decode = await decodeAll(files.ref)
    reads.push(rate(read))
    decodes.push(rate(decode))
    ratios.push(decode / read)
    const epochs = [await epochOf(files.ref), await epochOf(records.ref)] as const
    loaders.push(epochs[0] / epochs[1])
  }
  const [read, decode, ratio, loader] = [reads, decodes, ratios, loaders].map(spreadOf)
  const rows = [
    `TFRecord, ${Math.round(bytes / 1e6)} MB of photographs, ${availableParallelism()} cores:`,
    `  pack                     ${short(rate(packMs))} MB/s   (plain bytes to the same disk: ${short(rate(diskMs))} MB/s)`,
    `  scan, every byte checked ${short(rate(records.ms))} MB/s`,
    `  read, one thread         ${short(read!.median)} MB/s [${short(read!.lower)}, ${short(read!.upper)}], checksums included`,
    `  JPEG to 224², one thread ${short(decode!.median)} MB/s [${short(decode!.lower)}, ${short(decode!.upper)}]: reading is ${short(ratio!.median)} times as fast`,
    `  batches, as many images a second as from folders of files: ${short(loader!.median)} [${short(loader!.lower)}, ${short(loader!.upper)}]`,
  ]
  const rounded = (value: number): number => Number(value.toPrecision(4))
  return {
    rows,
    keys: {
      'tfrecord.pack.MBps': rounded(rate(packMs)),
      'tfrecord.disk.MBps': rounded(rate(diskMs)),
      'tfrecord.scan.MBps': rounded(rate(records.ms)),
      'tfrecord.read.MBps': rounded(read!.median),
      'tfrecord.decode.ratio': rounded(ratio!.median),
      'tfrecord.loader.ratio': rounded(loader!.median),
    },
  }
}

function linkInto(folder: string, photographs: string, copies: number): void {
  const names = readdirSync(photographs)
  for (const name of ['even', 'odd']) mkdirSync(join(folder, 'train', name), { recursive: true })
  for (let copy = 0; copy < copies; copy++)
    for (const [at, name] of names.entries())
      linkSync(
        join(photographs, name),
        join(folder, 'train', at % 2 === 0 ? 'even' : 'odd', `${copy}-${name}`),
      )
}

async function scanned(
  path: string,
  reader: string,
  indexPath: string,
): Promise<{ ref: DatasetRef; ms: number }> {
  let index = new Uint8Array()
  const ms = await timed(async () => {
    index = Uint8Array.from((await readers.create({ name: reader }).scan(path, silent)).index)
  })
  await writeFile(indexPath, index)
  return { ref: { id: 'bench', reader, path, options: {}, indexPath }, ms }
}

/** Every record once, in an order that jumps from file to file. */
async function readAll(ref: DatasetRef): Promise<number> {
  const dataset = await openDataset(ref)
  const { count, readBriefly } = dataset.splits.train!
  const ms = await timed(async () => {
    for (let at = 0; at < count; at++) readBriefly!((at * 7919) % count)
  })
  await dataset.close()
  return ms
}

/** Every image once, decoded to a random crop. */
async function decodeAll(ref: DatasetRef): Promise<number> {
  const dataset = await openDataset(ref)
  const split = dataset.splits.train!
  const samples = await Promise.all(Array.from({ length: split.count }, (_, at) => split.read(at)))
  const held = {
    ...split,
    read: async (at: number) => samples[at]!,
    readBriefly: (at: number) => samples[at]!,
  }
  const { transforms, width, height, channels, seed } = optionsFor(ref)
  const prepare = itemPreparer({ transforms, width, height, channels, seed }, held)
  const target = new Uint8Array(side * side * 3)
  return timed(async () => {
    for (let index = 0; index < split.count; index++) await prepare({ index, epoch: 0, copy: 0 }, target)
  })
}

/** One epoch of batches, with a thread for each core. */
async function epochOf(ref: DatasetRef): Promise<number> {
  const loader = await openLoader(optionsFor(ref))
  try {
    ;(await loader.next())?.release() // the threads are up
    return await timed(async () => {
      for (let batch = await loader.next(); batch; batch = await loader.next()) batch.release()
    })
  } finally {
    await loader.close()
  }
}

function optionsFor(dataset: DatasetRef): LoaderOptions {
  return {
    dataset,
    split: 'train',
    transforms: [{ name: 'random-resized-crop' }, { name: 'horizontal-flip' }],
    ...{
      height: side,
      width: side,
      channels: 3,
      batchSize: 64,
      order: { name: 'shuffled' },
      seed: 0,
      dropLast: true,
    },
    ...{ epochs: 1, startBatch: 0, threads: availableParallelism(), prefetch: 4, maxBadFraction: 0 },
  }
}

/** As many plain bytes, to disk as packing brings them there. */
async function writePlain(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'w')
  const chunk = Buffer.alloc(2 ** 20, 7)
  for (let at = 0; at < bytes; at += chunk.length) await file.write(chunk)
  await file.sync()
  await file.close()
}

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { copies: { type: 'string', default: '24' }, pairs: { type: 'string', default: '5' } },
  })
  const { rows, keys } = await benchTfrecord({ copies: Number(values.copies), pairs: Number(values.pairs) })
  console.log(rows.join('\n'))
  console.log(JSON.stringify(keys))
}

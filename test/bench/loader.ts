/**
 * Measures how fast batches come: `node test/bench/loader.ts [FOLDER] [--size N] [--channels 1|3] [--seconds N] [--threads 0,1,2]`.
 * The folder is any data set the workbench reads, and nothing is written to it; without one, the sample digits are used.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { detectReader, openLoader, prepareSample } from '../../core/data/index.ts'
import type { LoaderOptions } from '../../core/data/types.ts'
import { readers } from '../../core/datasets/index.ts'
import type { Scan } from '../../core/datasets/shared/reader.ts'

const batchSize = 64
/** Images up to this side are padded and cropped, larger ones cropped at random and resized. */
const smallSide = 64

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      size: { type: 'string' },
      channels: { type: 'string' },
      seconds: { type: 'string', default: '5' },
      threads: { type: 'string', default: '0,1,2' },
    },
  })
  const folder = await mkdtemp(join(tmpdir(), 'multigrain-bench-'))
  try {
    const watcher = { progress: () => {}, throwIfCancelled: () => {} }
    const given = positionals[0]
    const path =
      given === undefined ? (await prepareSample(join(folder, 'sample'), watcher)).path : resolve(given)
    await benchmark(path, folder, values)
  } finally {
    await rm(folder, { recursive: true })
  }
}

interface Values {
  readonly size?: string | undefined
  readonly channels?: string | undefined
  readonly seconds: string
  readonly threads: string
}

async function benchmark(path: string, folder: string, values: Values): Promise<void> {
  const { reader } = await detectReader(path)
  const began = performance.now()
  const scan = await readers
    .create({ name: reader })
    .scan(path, { progress: () => {}, throwIfCancelled: () => {} })
  console.log(
    `${reader}: ${scan.splits.map(({ name, count }) => `${name} ${count}`).join(', ')}; scanned in ${since(began)} s`,
  )
  const indexPath = join(folder, 'index')
  await writeFile(indexPath, scan.index)
  const options = optionsFor(scan, { id: 'bench', reader, path, options: {}, indexPath }, values)
  console.log(
    `${options.width} × ${options.height} × ${options.channels}, ${options.transforms.map(({ name }) => name).join(' + ')}; ${availableParallelism()} cores`,
  )
  for (const threads of values.threads.split(',').map(Number)) {
    const rate = await measure({ ...options, threads }, Number(values.seconds) * 1000)
    console.log(`${threads} threads: ${Math.round(rate)} images/s`)
  }
}

function optionsFor(
  scan: Scan,
  dataset: LoaderOptions['dataset'],
  { size, channels }: Values,
): LoaderOptions {
  const found = scan.imageSize ?? { width: 224, height: 224, channels: 3 }
  const isSmall = Math.max(found.width, found.height) <= smallSide
  const side = size ? Number(size) : isSmall ? found.width : 224
  const first = isSmall ? { name: 'pad-and-crop' } : { name: 'random-resized-crop' }
  return {
    dataset,
    split: scan.splits[0]?.name ?? 'train',
    transforms: [first, { name: 'horizontal-flip' }],
    height: side,
    width: side,
    channels: (channels ?? String(found.channels)) === '1' ? 1 : 3,
    batchSize: Math.min(batchSize, scan.splits[0]?.count ?? batchSize),
    order: { name: 'shuffled' },
    seed: 0,
    dropLast: true,
    epochs: 1_000_000,
    startBatch: 0,
    threads: 0,
    prefetch: 4,
    maxBadFraction: 1,
  }
}

/** Images per second, without the first batch, which waits for threads and files. */
async function measure(options: LoaderOptions, durationMs: number): Promise<number> {
  const loader = await openLoader(options)
  try {
    ;(await loader.next())?.release()
    const began = performance.now()
    let images = 0
    while (performance.now() - began < durationMs) {
      const batch = await loader.next()
      if (!batch) break
      images += batch.count
      batch.release()
    }
    return (images / (performance.now() - began)) * 1000
  } finally {
    await loader.close()
  }
}

function since(began: number): string {
  return ((performance.now() - began) / 1000).toFixed(2)
}

await main()

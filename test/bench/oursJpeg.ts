/** Our side of jpeg.ts: files to the network's input in this thread, by the code of the decode threads. */
import { itemPreparer, type ItemOptions, type PrepareItem } from '../../core/data/prepareItem.ts'
import type { DecoderName } from '../../core/data/types.ts'
import { briefReader } from '../../core/datasets/shared/briefRead.ts'
import type { Split } from '../../core/datasets/shared/reader.ts'
import { serve } from './serve.ts'

const side = 224
const batchSize = 32

let files: readonly string[] = []
const batch = new Uint8Array(new SharedArrayBuffer(batchSize * side * side * 3))
const ways: Partial<Record<DecoderName, PrepareItem>> = {}

function prepare({ paths }: { paths: readonly string[] }): void {
  files = paths
  const readNext = briefReader()
  const readBriefly = (index: number) =>
    ({ kind: 'encoded', bytes: readNext(Buffer.from(paths[index] as string)) }) as const
  const split: Split = {
    count: paths.length,
    labels: new Int32Array(paths.length),
    name: (index: number) => paths[index] as string,
    read: async index => readBriefly(index),
    readBriefly,
  }
  const options: ItemOptions = {
    transforms: [{ name: 'random-resized-crop' }, { name: 'horizontal-flip' }],
    ...{ width: side, height: side, channels: 3, seed: 0 },
  }
  for (const decoder of ['native', 'sharp'] as const)
    ways[decoder] = itemPreparer({ ...options, decoder }, split)
}

/** Milliseconds for all files once. */
async function pass({ decoder, epoch }: { decoder: DecoderName; epoch: number }): Promise<number> {
  const way = ways[decoder] as PrepareItem
  const began = performance.now()
  for (let index = 0; index < files.length; index++) {
    const at = (index % batchSize) * side * side * 3
    const problem = await way({ index, epoch, copy: 0 }, batch.subarray(at, at + side * side * 3))
    if (problem !== null) throw new Error(`${files[index]}: ${problem}`)
  }
  return performance.now() - began
}

await serve({ prepare, pass })

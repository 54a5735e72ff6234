/** Writes one TFRecord file, under a temporary name until it is whole. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { OpenDataset, Problem, Split } from '../../datasets/shared/reader.ts'
import { writeExample } from '../../datasets/shared/tfrecord/example.ts'
import { frameRecord } from '../../datasets/shared/tfrecord/record.ts'
import { AppError } from '../../errors/index.ts'
import { imagesOf } from './plan.ts'
import { toExample } from './toExample.ts'
import type { PackOptions, PlannedShard, WrittenShard } from './types.ts'

/** @param written called after each image; throws to end the work, which leaves nothing behind. @throws AppError */
export async function writeShard(
  dataset: OpenDataset,
  shard: PlannedShard,
  out: string,
  options: PackOptions,
  written: (bytes: number) => void,
): Promise<WrittenShard> {
  const path = join(out, shard.file)
  const split = dataset.splits[shard.split] as Split
  const leftOut: Problem[] = []
  let [sizeBytes, records, crc] = [0, 0, 0]
  const temporary = `${path}.part`
  try {
    const file = openSync(temporary, 'w')
    try {
      for (const index of imagesOf(shard, split.count, options.seed)) {
        const record = await recordOf(dataset, split, index, options)
        if ('problem' in record) leftOut.push(record)
        else {
          for (let at = 0; at < record.bytes.length;) at += writeSync(file, record.bytes, at)
          crc = crc32(record.bytes, crc)
          sizeBytes += record.bytes.length
          records++
        }
        written('problem' in record ? 0 : record.bytes.length)
      }
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (thrown) {
    rmSync(temporary, { force: true })
    throw AppError.from(thrown, `Writing ${path}`)
  }
  return { file: shard.file, sizeBytes, records, crc32: crc, leftOut }
}

async function recordOf(
  dataset: OpenDataset,
  split: Split,
  index: number,
  options: PackOptions,
): Promise<{ readonly bytes: Uint8Array } | Problem> {
  const name = split.name(index)
  try {
    const label = split.labels[index] as number
    // The next image is not read before this one is written.
    const sample = split.readBriefly?.(index) ?? (await split.read(index))
    const example = await toExample(sample, name, label, dataset.classes[label] ?? String(label), options)
    return { bytes: frameRecord(writeExample(example)) }
  } catch (thrown) {
    const error = AppError.from(thrown)
    if (error.code !== 'data-invalid' && error.code !== 'data-unreadable') throw thrown
    const { problem } = error.details
    return { file: name, problem: typeof problem === 'string' ? problem : error.message }
  }
}

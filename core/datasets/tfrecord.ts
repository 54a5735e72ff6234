/** TFRecord files with images, as slim and TensorFlow Datasets write them. */
import { join } from 'node:path'
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { packIndex, unpackIndex, type IndexBlocks } from './shared/indexFile.ts'
import { invalidFile } from './shared/invalidFile.ts'
import { missingClasses } from './shared/missingClasses.ts'
import { countClasses, readWholeFile } from './shared/pixels.ts'
import { Problems } from './shared/problems.ts'
import type { Reader, Scan, ScanWatcher, SplitName } from './shared/reader.ts'
import { beginsAsRecord, findShards, tellMissing } from './shared/tfrecord/findShards.ts'
import { decideClasses, parseLabelsFile, type LabelOffset } from './shared/tfrecord/labels.ts'
import { openRecords, type OpenedShard, type RecordList } from './shared/tfrecord/openShards.ts'
import { labelledRecords, scanShards, type ScannedSplit } from './shared/tfrecord/scanShards.ts'

export const tfrecord = entry({
  name: 'tfrecord',
  title: 'TFRecord files',
  summary:
    'train-00000-of-01024 and validation-00000-of-00128, or *.tfrecord, with encoded images and labels.',
  source: 'tensorflow/models research/slim (build_imagenet_data.py); tensorflow/core/lib/io/record_writer.h',
  options: z.strictObject({
    labelOffset: z.enum(['auto', '0', '1']).default('auto').meta({
      title: 'Label of the first class',
      description:
        "0, or 1 where label 0 is a background without images, as in slim's ImageNet; auto looks at the labels and says what it found",
    }),
  }),
  create: ({ labelOffset }): Reader => ({
    recognise,
    scan: (path, watcher) => scan(path, watcher, labelOffset),
    open,
  }),
})

interface Header {
  readonly classes: readonly string[]
  /** Label of class 0. */
  readonly labelOffset: number
  readonly splits: readonly { readonly name: SplitName; readonly shards: readonly OpenedShard[] }[]
}

const labelsFile = 'labels.txt'
const blockNames = ['labels', 'shardOf', 'numbers', 'offsetLow', 'offsetHigh', 'lengths'] as const

async function recognise(path: string): Promise<{ score: number; reason: string }> {
  const shards = await findShards(path)
  const [first] = shards
  if (!first) return { score: 0, reason: 'no file named like train-00000-of-01024 or *.tfrecord' }
  const score = (await beginsAsRecord(join(path, first.path))) ? 1 : 0.7
  return { score, reason: `found ${first.path}${shards.length > 1 ? ` and ${shards.length - 1} more` : ''}` }
}

async function scan(path: string, watcher: ScanWatcher, labelOffset: LabelOffset): Promise<Scan> {
  const shards = await findShards(path)
  if (shards.length === 0)
    throw invalidFile(
      path,
      'expected files such as train-00000-of-01024 or *.tfrecord, found none',
      'Choose the folder that holds them',
    )
  const problems = new Problems()
  tellMissing(shards, problems)
  const { splits, told, imageSize } = await scanShards(path, shards, problems, watcher)
  if (splits.length === 0) throw nothingLeft(path, problems)
  const listed = await readLabels(path)
  const labels = splits.map(({ name, records }) => ({ name, labels: records.map(({ label }) => label) }))
  const { offset, names: classes } = decideClasses(path, labels, listed, told, labelOffset, problems)
  const lists = splits.map(split => ({
    ...split,
    list: labelledRecords(split, offset, classes.length, problems),
  }))
  const kept = lists.filter(({ list }) => list.labels.length > 0)
  if (kept.length === 0) throw nothingLeft(path, problems)
  const header: Header = {
    classes,
    labelOffset: offset,
    splits: kept.map(({ name, files }) => ({ name, shards: files })),
  }
  const counted = kept.map(({ name, list: { labels: values } }) => ({
    name,
    count: values.length,
    classCounts: countClasses(values, classes.length),
  }))
  return {
    classes,
    splits: counted,
    imageSize: imageSize && { ...imageSize, channels: imageSize.channels === 1 ? 1 : 3 },
    problems: [...problems.list(), ...missingClasses(classes, counted)],
    index: packIndex('tfrecord', header, Object.assign({}, ...kept.map(blocksOf))),
  }
}

async function open(...[path, bytes]: Parameters<Reader['open']>): ReturnType<Reader['open']> {
  const { header, integers } = unpackIndex<Header>('tfrecord', bytes)
  const opened = header.splits.map(({ name, shards }) => {
    const blocks = Object.fromEntries(blockNames.map(block => [block, integers(`${name}/${block}`)]))
    return [name, openRecords(path, shards, blocks as unknown as RecordList)] as const
  })
  return {
    classes: header.classes,
    splits: Object.fromEntries(opened),
    close: async () => opened.forEach(([, split]) => split.close()),
  }
}

function blocksOf({ name, list }: ScannedSplit & { readonly list: RecordList }): IndexBlocks {
  return Object.fromEntries(blockNames.map(block => [`${name}/${block}`, list[block]]))
}

async function readLabels(path: string): Promise<Map<number, string> | null> {
  const file = join(path, labelsFile)
  const bytes = await readWholeFile(file).catch((thrown: unknown) => {
    if (
      thrown instanceof Error &&
      thrown.cause instanceof Error &&
      'code' in thrown.cause &&
      thrown.cause.code === 'ENOENT'
    )
      return null
    throw thrown
  })
  return bytes && parseLabelsFile(file, bytes.toString('utf8'))
}

function nothingLeft(path: string, problems: Problems): ReturnType<typeof invalidFile> {
  const [first, ...others] = problems.list()
  const example = first ? `: ${first.file}: ${first.problem}` : ''
  const more = others.length > 0 ? `, and ${others.length} more problems` : ''
  return invalidFile(
    path,
    `no record of its files can be used${example}${more}`,
    'Fetch or write the files again',
  )
}

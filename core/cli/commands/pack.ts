/** `multigrain pack`: a data set as TFRecord files. */
import { resolve } from 'node:path'
import { Packed, type SplitName } from '../../contract/index.ts'
import { AppError } from '../../errors/index.ts'
import { chooseData } from '../chooseData.ts'
import { followJob } from '../followJob.ts'
import { bytes } from '../output.ts'
import { onlyArgument } from './shared/action.ts'
import type { Command, Invocation } from './shared/command.ts'
import { integerOption, splitOptions } from './shared/numbers.ts'

export const pack: Command = {
  name: 'pack',
  summary: 'Write a data set as TFRecord files',
  usage: 'DATASET --out DIR',
  details: `DATASET is a folder of any known format, or the id of a data set. The files have the schema of TensorFlow's slim
(train-00000-of-00008, validation-…) and labels.txt beside them. JPEG and PNG files are kept byte by byte unless --size makes them
smaller. Images are shuffled, in the same way for the same --seed. An interrupted packing goes on when the same command is given
again: files that are complete are kept. With --json: out, splits (files, records, sizeBytes), keptFiles, leftOutCount and leftOut.`,
  options: {
    out: {
      type: 'string',
      value: 'DIR',
      description: 'folder to write to: new, empty, or left by an interrupted packing',
    },
    split: { type: 'string', multiple: true, value: 'NAME', description: 'only this split; may be repeated' },
    shards: {
      type: 'string',
      value: 'N',
      description: 'files of the largest split; files of about 128 MB by default',
    },
    size: { type: 'string', value: 'PIXELS', description: 'make pictures smaller, to this shorter side' },
    quality: {
      type: 'string',
      value: 'Q',
      description: 'of the JPEG files that --size makes, 1 to 100; 95 by default',
    },
    seed: { type: 'string', value: 'N', description: 'of the order; 0 by default' },
    'label-offset': {
      type: 'string',
      value: '0|1',
      description:
        "label of the first class: 1 keeps 0 for a background, as slim's ImageNet does; 0 by default",
    },
  },
  examples: [
    { line: 'pack ~/flowers --out ~/flowers-tfrecord', explanation: 'all splits, pictures as they are' },
    {
      line: 'pack imagenet --out /fast/imagenet-256 --size 256 --quality 90',
      explanation: 'smaller pictures',
    },
  ],
  run: async invocation => {
    const named = onlyArgument(invocation.positionals, 'pack DATASET --out DIR')
    const request = requestOf(invocation)
    const session = await invocation.session({ listens: true })
    const { id } = await chooseData(invocation, session, named)
    const job = await session.client.datasets.pack({ id, ...request })
    const packed = Packed.parse(await followJob(invocation, session, job.id))
    const { output } = invocation
    for (const { name, files, records, sizeBytes } of packed.splits)
      output.line(
        `${name}: ${records} images in ${files === 1 ? '1 file' : `${files} files`}, ${bytes(sizeBytes)}`,
      )
    if (packed.keptFiles > 0)
      output.line(
        `Complete already and kept: ${packed.keptFiles} ${packed.keptFiles === 1 ? 'file' : 'files'}`,
      )
    if (packed.leftOutCount > 0)
      output.line(`${packed.leftOutCount} images could not be read and are left out:`)
    for (const { file, problem } of packed.leftOut.slice(0, 10)) output.line(`  ${file}: ${problem}`)
    output.line(`Packed into ${packed.out}`)
    return { ...packed }
  },
}

function requestOf(invocation: Invocation): {
  out: string
  splits?: SplitName[]
  shards?: number
  shorterSide?: number
  quality?: number
  seed?: number
  labelOffset?: 0 | 1
} {
  const out = invocation.text('out')
  if (out === undefined)
    throw new AppError('invalid-request', '--out: expected the folder to write to', { field: 'out' })
  const offset = integerOption(invocation, 'label-offset', 0, 1)
  const shards = integerOption(invocation, 'shards', 1, 99_999)
  const shorterSide = integerOption(invocation, 'size', 8, 4096)
  const quality = integerOption(invocation, 'quality', 1, 100)
  const seed = integerOption(invocation, 'seed', 0, Number.MAX_SAFE_INTEGER)
  return {
    out: resolve(out),
    ...splitOptions(invocation),
    ...(shards === undefined ? {} : { shards }),
    ...(shorterSide === undefined ? {} : { shorterSide }),
    ...(quality === undefined ? {} : { quality }),
    ...(seed === undefined ? {} : { seed }),
    ...(offset === undefined ? {} : { labelOffset: offset === 1 ? 1 : 0 }),
  }
}

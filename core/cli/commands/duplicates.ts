/** `multigrain duplicates`: images that a data set has twice. */
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Duplicates } from '../../contract/index.ts'
import { chooseData } from '../chooseData.ts'
import { followJob } from '../followJob.ts'
import { table } from '../table.ts'
import { onlyArgument } from './shared/action.ts'
import type { Command } from './shared/command.ts'
import { integerOption, splitOptions } from './shared/numbers.ts'

const shownPairs = 20

export const duplicates: Command = {
  name: 'duplicates',
  summary: 'Find images that a data set has twice',
  usage: 'DATASET',
  details: `DATASET is a folder of any known format, or the id of a data set. Two images are the same when their bytes are, and nearly
the same when they look alike at another size, quality or brightness. A validation image that training has seen proves nothing: pairs
between splits come first. With --json: imageCount, skippedCount, counts by splits, pairCount and pairs (at most 2,000).`,
  options: {
    split: { type: 'string', multiple: true, value: 'NAME', description: 'only this split; may be repeated' },
    between: { type: 'boolean', description: 'only pairs of images of two different splits' },
    distance: {
      type: 'string',
      value: 'BITS',
      description: 'bits of 64 in which the hashes of two alike images may differ, 0 to 12; 6 by default',
    },
    list: { type: 'string', value: 'FILE', description: 'write the pairs to a CSV file' },
  },
  examples: [
    { line: 'duplicates ~/flowers --between', explanation: 'what leaks from train into val' },
    { line: 'duplicates flowers --list pairs.csv', explanation: 'all pairs, as a table' },
  ],
  run: async invocation => {
    const named = onlyArgument(invocation.positionals, 'duplicates DATASET')
    const distance = integerOption(invocation, 'distance', 0, 12)
    const splits = splitOptions(invocation)
    const session = await invocation.session({ listens: true })
    const { id } = await chooseData(invocation, session, named)
    const betweenOnly = invocation.flag('between')
    const request = { id, betweenOnly, ...splits, ...(distance === undefined ? {} : { distance }) }
    const job = await session.client.datasets.duplicates(request)
    const found = Duplicates.parse(await followJob(invocation, session, job.id))
    print(found, text => invocation.output.line(text))
    const list = invocation.text('list')
    if (list !== undefined) await writeFile(resolve(list), csvOf(found))
    return { ...found }
  },
}

function print(found: Duplicates, line: (text: string) => void): void {
  line(
    `${found.imageCount} images${found.skippedCount > 0 ? `, ${found.skippedCount} of them not decodable` : ''}`,
  )
  if (found.pairCount === 0) return line('No image is there twice')
  for (const { splits, exact, near, differentLabels } of found.counts) {
    const where = splits[0] === splits[1] ? `within ${splits[0]}` : `between ${splits[0]} and ${splits[1]}`
    const labels = differentLabels > 0 ? `, ${differentLabels} of them with different labels` : ''
    line(`${where}: ${exact} ${exact === 1 ? 'pair' : 'pairs'} the same, ${near} nearly${labels}`)
  }
  const rows = found.pairs
    .slice(0, shownPairs)
    .map(({ first, second, isExact, distance }) => [
      `${first.split}: ${first.name}`,
      `${second.split}: ${second.name}`,
      isExact ? 'same' : `${distance} bits`,
      first.className === second.className ? first.className : `${first.className} / ${second.className}`,
    ])
  line(table(['IMAGE', 'IMAGE', 'DIFFERENCE', 'CLASS'], rows))
  if (found.pairCount > rows.length) line(`and ${found.pairCount - rows.length} more pairs`)
}

function csvOf({ pairs }: Duplicates): string {
  const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  const rows = pairs.map(({ first, second, isExact, distance, similarity }) =>
    [
      ...[first.split, first.name, first.className, second.split, second.name, second.className],
      ...[isExact ? 'same' : 'near', String(distance), similarity.toFixed(4)],
    ].map(quoted),
  )
  const head = 'split,image,class,other_split,other_image,other_class,kind,distance,similarity'
  return `${[head, ...rows.map(row => row.join(','))].join('\n')}\n`
}

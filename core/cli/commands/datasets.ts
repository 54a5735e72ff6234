/** `multigrain datasets`: the data sets that the workbench knows. */
import { resolve } from 'node:path'
import type { DatasetSummary } from '../../contract/index.ts'
import { AppError } from '../../errors/index.ts'
import { ready } from '../chooseData.ts'
import { program } from '../program.ts'
import { table } from '../table.ts'
import { onlyArgument, runAction } from './shared/action.ts'
import type { Command, Invocation } from './shared/command.ts'

type Answer = Promise<Readonly<Record<string, unknown>>>

export const datasets: Command = {
  name: 'datasets',
  summary: 'List, add and inspect data sets',
  usage: '[list | add DIR | show ID | problems ID | rescan ID | remove ID]',
  details: `Formats: folders of images (train/, val/ or test/, one folder a class; ImageNet's flat val with the devkit), TFRecord files
(train-00000-of-01024, *.tfrecord), images listed in CSV files (train.csv, val.csv), CIFAR-10 and CIFAR-100 binary files, IDX files
(MNIST and its family, also gzipped); for retrieval Holidays, UKBench, Copydays, revisited Oxford and Paris, and queries.csv with
gallery.csv. Your files are only read; remove forgets the data set and leaves them.`,
  options: {
    name: { type: 'string', value: 'TEXT', description: 'add: name to show' },
    reader: { type: 'string', value: 'NAME', description: 'add: format, when it should not be recognised' },
    option: {
      type: 'string',
      multiple: true,
      value: 'KEY=VALUE',
      description: 'add: option of the format, such as labelOffset=1 of tfrecord; may be repeated',
    },
  },
  examples: [
    { line: 'datasets add ~/flowers --name Flowers', explanation: 'scans the folder and keeps its index' },
    { line: 'datasets problems flowers', explanation: 'files that cannot be used, and why' },
  ],
  run: invocation => runAction('datasets', { list, add, show, problems, rescan, remove }, invocation),
}

async function list(invocation: Invocation): Answer {
  const session = await invocation.session()
  const found = await session.client.datasets.list({})
  const head = ['ID', 'NAME', 'STATUS', 'CLASSES>', 'IMAGES>', 'PROBLEMS>', 'FOLDER']
  invocation.output.line(
    found.length === 0 ? `No data sets yet: ${program} datasets add DIR` : table(head, found.map(row)),
  )
  return { datasets: found }
}

async function add(invocation: Invocation, args: readonly string[]): Answer {
  const path = resolve(onlyArgument(args, 'datasets add DIR'))
  const session = await invocation.session()
  const name = invocation.text('name')
  const reader = invocation.text('reader')
  const options = optionsOf(invocation.texts('option'))
  const { id } = await session.client.datasets.add({
    path,
    ...(options === null ? {} : { options }),
    ...(name === undefined ? {} : { name }),
    ...(reader === undefined ? {} : { reader }),
  })
  return describe(invocation, await ready(invocation, session, id))
}

/** `KEY=VALUE`, once or more often. */
function optionsOf(texts: readonly string[]): Record<string, string> | null {
  if (texts.length === 0) return null
  return Object.fromEntries(
    texts.map(text => {
      const [, key, value] = /^([A-Za-z]+)=(.*)$/.exec(text) ?? []
      if (key !== undefined && value !== undefined) return [key, value]
      const message = `--option: expected KEY=VALUE, got '${text}'`
      throw new AppError('invalid-request', message, { field: 'option', value: text })
    }),
  )
}

async function show(invocation: Invocation, args: readonly string[]): Answer {
  const id = onlyArgument(args, 'datasets show ID')
  const session = await invocation.session()
  const dataset = await session.client.datasets.get({ id })
  describe(invocation, dataset)
  const head = ['CLASS', ...dataset.classCounts.map(({ split }) => `${split.toUpperCase()}>`)]
  const rows = dataset.classes.map((name, index) => [
    name,
    ...dataset.classCounts.map(({ counts }) => String(counts[index] ?? 0)),
  ])
  invocation.output.line(table(head, rows))
  return { dataset }
}

async function problems(invocation: Invocation, args: readonly string[]): Answer {
  const id = onlyArgument(args, 'datasets problems ID')
  const session = await invocation.session()
  const [found, { error }] = await Promise.all([
    session.client.datasets.problems({ id }),
    session.client.datasets.get({ id }),
  ])
  if (error) invocation.output.line(`The scan failed: ${error.message}`)
  invocation.output.line(
    found.length === 0
      ? error
        ? 'Nothing else was found'
        : 'No problems'
      : table(
          ['FILE', 'PROBLEM'],
          found.map(each => [each.file, each.problem]),
        ),
  )
  return { problems: found }
}

async function rescan(invocation: Invocation, args: readonly string[]): Answer {
  const id = onlyArgument(args, 'datasets rescan ID')
  const session = await invocation.session()
  await session.client.datasets.rescan({ id })
  return describe(invocation, await ready(invocation, session, id))
}

async function remove(invocation: Invocation, args: readonly string[]): Answer {
  const id = onlyArgument(args, 'datasets remove ID')
  const session = await invocation.session()
  await session.client.datasets.remove({ id })
  invocation.output.line(`Forgot data set ${id}; its files are where they were`)
  return { id }
}

function describe({ output }: Invocation, dataset: DatasetSummary): Readonly<Record<string, unknown>> {
  const splits = dataset.splits.map(({ name, count }) => `${name} ${count}`).join(', ')
  output.line(
    `${dataset.id}: ${dataset.name}, ${dataset.classCount} classes, ${splits}, read as ${dataset.reader}`,
  )
  if (dataset.problemCount > 0)
    output.line(
      `${dataset.problemCount === 1 ? '1 problem' : `${dataset.problemCount} problems`}: ${program} datasets problems ${dataset.id}`,
    )
  return { dataset }
}

function row(dataset: DatasetSummary): string[] {
  const images = dataset.splits.map(({ name, count }) => `${name} ${count}`).join(', ')
  return [
    dataset.id,
    dataset.name,
    dataset.status,
    String(dataset.classCount),
    images,
    String(dataset.problemCount),
    dataset.path,
  ]
}

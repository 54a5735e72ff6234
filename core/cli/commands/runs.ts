/** `multigrain runs`: what was trained, and what is training now. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { LogLine, RunSummary } from '../../contract/index.ts'
import { toYaml } from '../../experiment/index.ts'
import { chooseRun } from '../chooseRun.ts'
import { bytes, duration, percent } from '../output.ts'
import { program } from '../program.ts'
import type { Session } from '../session.ts'
import { table } from '../table.ts'
import { onlyArgument, runAction } from './shared/action.ts'
import type { Command, Invocation } from './shared/command.ts'

type Answer = Promise<Readonly<Record<string, unknown>>>

export const runs: Command = {
  name: 'runs',
  summary: 'List runs, show one, stop, pause, remove, read a log',
  usage: '[list | show RUN | log RUN | pause RUN | stop RUN | remove RUN | restore RUN | purge RUN]',
  details: `pause and stop save first; resume goes on after either. remove puts a run in the trash, restore takes it back, and purge
deletes a removed run with its checkpoints for good.`,
  options: {
    deleted: { type: 'boolean', description: 'list: the trash' },
    follow: { type: 'boolean', description: 'log: go on with new lines until Ctrl-C' },
  },
  examples: [
    { line: 'runs', explanation: 'all runs, newest first' },
    { line: 'runs log r-20261122-0001 --follow', explanation: 'what a run writes' },
  ],
  run: invocation =>
    runAction(
      'runs',
      {
        list,
        show,
        log,
        pause: change('pause'),
        stop: change('stop'),
        remove: change('remove'),
        restore: change('restore'),
        purge,
      },
      invocation,
    ),
}

async function list(invocation: Invocation): Answer {
  const session = await invocation.session()
  const found = await session.client.runs.list({ deleted: invocation.flag('deleted') })
  const head = ['ID', 'NAME', 'STATUS', 'EPOCH>', 'LOSS>', 'TOP-1>', 'TIME>']
  invocation.output.line(
    found.length === 0 ? `No runs yet: ${program} train --preset sample` : table(head, found.map(row)),
  )
  return { runs: found }
}

async function show(invocation: Invocation, args: readonly string[]): Answer {
  const session = await invocation.session()
  const id = await chooseRun(session, onlyArgument(args, 'runs show RUN'))
  const { client } = session
  const run = await client.runs.get({ id })
  const checkpoints = await client.checkpoints.list({ runId: id })
  const { output } = invocation
  output.line(`${run.id}: ${run.name}, ${run.status}`)
  if (run.error) output.line(`${run.error.code}: ${run.error.message}`)
  output.line(
    `${run.model} on ${run.datasetName}, step ${run.step} of ${run.totalSteps}, ${duration(run.elapsedMs)}`,
  )
  output.line(`top-1 ${percent(run.top1)} (best ${percent(run.bestTop1)}), top-5 ${percent(run.top5)}\n`)
  const rows = checkpoints.map(each => [
    each.name,
    `${each.status}${each.isBest ? ', best' : ''}${each.isPinned ? ', pinned' : ''}`,
    percent(each.metrics['val/top1']),
    bytes(each.sizeBytes),
    each.path,
  ])
  output.line(table(['CHECKPOINT', 'STATUS', 'TOP-1>', 'SIZE>', 'FOLDER'], rows))
  output.line(`\n${toYaml(run.config).trimEnd()}`)
  return { run, checkpoints }
}

async function log(invocation: Invocation, args: readonly string[]): Answer {
  const session = await invocation.session()
  const id = await chooseRun(session, onlyArgument(args, 'runs log RUN'))
  const { client } = session
  const { output, interruption } = invocation
  let last = -1
  const print = async (): Promise<readonly LogLine[]> => {
    const lines = await client.runs.log({ id, after: last, limit: 5000 })
    for (const line of lines) output.line(line.level === 'info' ? line.text : `${line.level}: ${line.text}`)
    last = lines.at(-1)?.number ?? last
    return lines
  }
  const lines = [...(await print())]
  while (invocation.flag('follow') && interruption.exitCode === null) {
    await sleep(500, undefined, { signal: interruption.signal }).catch(() => {})
    await print()
  }
  return { id, lines }
}

type Change = 'pause' | 'stop' | 'remove' | 'restore'
const done: Readonly<Record<Change, string>> = {
  pause: 'is pausing',
  stop: 'is stopping',
  remove: 'is in the trash',
  restore: 'is back from the trash',
}

function change(action: Change): (invocation: Invocation, args: readonly string[]) => Answer {
  return async (invocation, args) => {
    const session: Session = await invocation.session()
    const id = await chooseRun(session, onlyArgument(args, `runs ${action} RUN`))
    const { client } = session
    await client.runs[action]({ id })
    invocation.output.line(`Run ${id} ${done[action]}`)
    return { id, status: (await client.runs.get({ id })).status }
  }
}

async function purge(invocation: Invocation, args: readonly string[]): Answer {
  const session = await invocation.session()
  const id = await chooseRun(session, onlyArgument(args, 'runs purge RUN'))
  const { freedBytes } = await session.client.runs.purge({ id })
  invocation.output.line(`Deleted run ${id}: ${bytes(freedBytes)} freed`)
  return { id, freedBytes }
}

function row(run: RunSummary): string[] {
  return [
    run.id,
    run.name,
    run.queuePosition === null ? run.status : `queued (${run.queuePosition})`,
    `${run.epoch.toFixed(1)}/${run.totalEpochs}`,
    run.trainLoss?.toFixed(4) ?? '–',
    percent(run.top1),
    duration(run.elapsedMs),
  ]
}

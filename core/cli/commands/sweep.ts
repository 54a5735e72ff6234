/** `multigrain sweep`: trains a configuration in many settings, and says which was best. */
import type { RunSummary, SweepInput } from '../../contract/index.ts'
import { AppError } from '../../errors/index.ts'
import { chooseConfig } from '../chooseConfig.ts'
import { chooseData, needsSample } from '../chooseData.ts'
import { watchRun } from '../follow.ts'
import { duration, percent } from '../output.ts'
import { program } from '../program.ts'
import { sweptField } from '../sweptFields.ts'
import { table } from '../table.ts'
import type { Command, Invocation } from './shared/command.ts'
import { configOptions } from './shared/configOptions.ts'
import { integerOption } from './shared/numbers.ts'

const hourMs = 3_600_000

export const sweep: Command = {
  name: 'sweep',
  summary: 'Train many settings, by grid or at random',
  usage: '(--preset NAME | --config FILE) --vary FIELD=VALUES [--vary …] [--data DIR] [options]',
  details: `Every --vary names a field and what it takes: values (0.01,0.1,1; cosine,step), a range (1..9, in three values; 1..9:5, in five) or one
on a logarithmic scale (log:0.001..1). A range between whole numbers holds whole numbers alone. A grid trains every combination; --search random
draws --count of them, seeded. The runs queue up and show in the workbench as one sweep. Ctrl-C takes those that wait out of the queue.
With --json: groupId and runs {id, name, setting, status, top1, loss}, best first.`,
  options: {
    ...configOptions,
    data: {
      type: 'string',
      value: 'DIR',
      description: 'folder of the images, or the id of a known data set; the preset sample brings its own',
    },
    vary: { type: 'string', multiple: true, value: 'FIELD=VALUES', description: 'a field and what it takes' },
    name: { type: 'string', value: 'TEXT', description: 'begins the names of the runs' },
    search: { type: 'string', value: 'NAME', description: 'grid (without it) or random' },
    count: { type: 'string', value: 'N', description: 'runs of a random search; 10 when left out' },
    seed: { type: 'string', value: 'N', description: 'of the random search; 0 when left out' },
    most: { type: 'string', value: 'N', description: 'no more runs than this; 100 when left out' },
    budget: {
      type: 'string',
      value: 'HOURS',
      description: 'training time of all runs together after which no further one starts',
    },
    'dry-run': { type: 'boolean', description: 'only list the settings' },
  },
  examples: [
    {
      line: 'sweep --preset sample --vary schedule.learningRate=log:0.01..1:5',
      explanation: 'five learning rates',
    },
    {
      line: 'sweep --preset sample --vary optimizer=sgd,adamw --vary training.batchSize=32,64 --dry-run',
      explanation: 'what a grid of four would be',
    },
  ],
  run: async invocation => {
    const config = { ...chooseConfig(invocation) }
    const input = sweepOf(invocation)
    const isDry = invocation.flag('dry-run')
    const session = await invocation.session(
      isDry ? {} : { withSample: needsSample(invocation), listens: true },
    )
    const { output, interruption } = invocation
    const { experiments } = session.client
    const plan = await experiments.planSweep({ config, sweep: input })
    if (plan.issues.length > 0) {
      const message = plan.issues.map(({ path, message: text }) => `${path}: ${text}`).join('\n')
      throw new AppError('invalid-config', message, { issues: plan.issues })
    }
    if (isDry) {
      const shown = plan.settings.map(setting => setting.map(shownValue))
      output.line(
        table(
          input.fields.map(({ path }) => path.toUpperCase()),
          shown,
        ),
      )
      output.line(`${plan.runs} of ${plan.total} settings`)
      return { ...plan }
    }
    const dataset = await chooseData(invocation, session, invocation.text('data'))
    const name = invocation.text('name') ?? `Sweep of ${config.model.name}`
    const made = await experiments.createSweep({ config, datasetId: dataset.id, name, sweep: input })
    output.note(`Sweep ${made.groupId}: ${made.ids.length} runs on ${dataset.name}`)
    const ended: { run: RunSummary; setting: readonly unknown[] }[] = []
    for (const [index, id] of made.ids.entries()) {
      const run = await watchRun(invocation, session, id, -1)
      if (interruption.exitCode !== null) {
        await experiments.cancelSweep({ groupId: made.groupId })
        const message = `Sweep ${made.groupId} was cancelled after ${ended.length} runs; \`${program} resume ID\` goes on with one`
        throw new AppError('cancelled', message, { groupId: made.groupId })
      }
      output.note(`${index + 1}/${made.ids.length} ${run.name}: ${run.status}, ${figures(run)}`)
      ended.push({ run, setting: plan.settings[index] ?? [] })
    }
    ended.sort((a, b) => (b.run.bestTop1 ?? -1) - (a.run.bestTop1 ?? -1))
    const head = [
      'ID',
      ...input.fields.map(({ path }) => path.toUpperCase()),
      'STATUS',
      'TOP-1>',
      'LOSS>',
      'TIME>',
    ]
    output.line(
      table(
        head,
        ended.map(({ run, setting }) => [
          ...[run.id, ...setting.map(shownValue), run.status],
          ...[percent(run.bestTop1), run.valLoss?.toFixed(4) ?? '–', duration(run.elapsedMs)],
        ]),
      ),
    )
    const runs = ended.map(({ run: { id, name: called, status, bestTop1, valLoss }, setting }) => ({
      ...{ id, name: called, setting, status, top1: bestTop1, loss: valLoss },
    }))
    return { groupId: made.groupId, runs }
  },
}

/** @throws AppError invalid-request */
function sweepOf(invocation: Invocation): SweepInput {
  const fields = invocation.texts('vary').map(sweptField)
  const search = invocation.text('search') ?? 'grid'
  if (fields.length === 0)
    throw new AppError('invalid-request', 'expected --vary FIELD=VALUES at least once', { field: 'vary' })
  if (search !== 'grid' && search !== 'random')
    throw new AppError('invalid-request', `--search ${search}: expected grid or random`, { field: 'search' })
  const budget = invocation.text('budget')
  const hours = Number(budget)
  if (budget !== undefined && !(hours > 0)) {
    const message = `--budget: expected hours above 0, got '${budget}'`
    throw new AppError('invalid-request', message, { field: 'budget', value: budget })
  }
  return {
    ...{ fields, search },
    count: integerOption(invocation, 'count', 1, 1000) ?? 10,
    seed: integerOption(invocation, 'seed', 0, 4_294_967_295) ?? 0,
    mostRuns: integerOption(invocation, 'most', 1, 1000) ?? 100,
    budgetMs: budget === undefined ? null : Math.max(1000, hours * hourMs),
  }
}

function figures({ bestTop1, valLoss }: RunSummary): string {
  return `top-1 ${percent(bestTop1)}, loss ${valLoss?.toFixed(4) ?? '–'}`
}

function shownValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

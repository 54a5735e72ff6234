/** What comes before a run. */
import { availableMemory } from 'node:process'
import { statfs } from 'node:fs/promises'
import { totalmem } from 'node:os'
import type { Handlers, Machine, TextIssue, WorkbenchContract } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import { checkConfig, locateYaml, parseConfig, parseYaml, toYaml } from '../experiment/index.ts'
import { datasetRef } from './datasetViews.ts'
import { draftHandlers } from './draft.ts'
import type { Jobs } from './jobs.ts'
import type { TaskOptions, Workbench } from './ports.ts'
import { nextName } from './nextName.ts'
import { putRun } from './runs.ts'
import { runSummary } from './runSummary.ts'
import { sweepHandlers } from './sweeps.ts'

type ExperimentHandlers = Handlers<WorkbenchContract>['experiments']

export function experimentHandlers(workbench: Workbench, jobs: Jobs): ExperimentHandlers {
  const { store, supervisor, folders, emit } = workbench
  const tell = (id: string): void => emit.runs.onChanged(runSummary(workbench, store.runs.get(id)))
  return {
    readText: ({ text }) => readText(text),
    explain: ({ config }) => ({ text: toYaml(config) }),
    probe({ config, datasetId }) {
      const dataset = store.datasets.find(datasetId)
      const input = { config: { ...parseConfig(config) }, dataset: datasetRef(folders, dataset) }
      const run = (options: TaskOptions) => supervisor.runTask('probe-speed', input, options)
      return jobs.start({ kind: 'probe', title: `Speed on ${dataset.name}`, run })
    },
    machine: () => machineOf(workbench),
    ...draftHandlers(workbench),
    ...sweepHandlers(workbench),
    chooseDevice({ id, device }) {
      const run = store.runs.get(id)
      if (['starting', 'running', 'pausing', 'stopping', 'finished'].includes(run.status)) {
        const message = `Run '${run.name}' is ${run.status}. Pause it first: it goes on where it stood`
        throw new AppError('conflict', message, { field: 'status', value: run.status })
      }
      const config = parseConfig({ ...store.runs.details(id).config, device })
      store.writeDurably(() => store.runs.reconfigure(id, { ...config }))
      tell(id)
      return {}
    },
    restart({ id }) {
      const run = store.runs.get(id)
      const dataset = store.datasets.get(run.datasetId)
      const { config } = store.runs.details(id)
      const taken = [...store.runs.list(false), ...store.runs.list(true)].map(each => each.name)
      const name = nextName(run.name, new Set(taken))
      const again = store.writeDurably(() => putRun(workbench, { config, dataset, name }))
      tell(again)
      supervisor.startQueued()
      return { id: again, name }
    },
  }
}

/** Where the name of a text would stand in a message. */
const textName = 'YAML'

function readText(text: string): { config: Record<string, unknown> | null; issues: TextIssue[] } {
  let parsed: unknown
  try {
    parsed = parseYaml(text, textName)
  } catch (thrown) {
    const { message, details } = AppError.from(thrown)
    const [line, column] = [details['line'], details['column']].map(at =>
      typeof at === 'number' ? at : null,
    )
    const plain = message.replace(/^YAML(:\d+:\d+)?: /, '')
    return {
      config: null,
      issues: [{ path: '', message: plain, line: line ?? null, column: column ?? null }],
    }
  }
  const { config, issues } = checkConfig(parsed)
  const located = issues.map(({ path, message }) => {
    const place = locateYaml(text, path)
    return { path, message, line: place?.line ?? null, column: place?.column ?? null }
  })
  // As one reads: what is missing altogether comes last.
  located.sort((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity) || (a.column ?? 0) - (b.column ?? 0))
  return { config: config === null ? null : { ...config }, issues: located }
}

async function machineOf({ folders, supervisor }: Workbench): Promise<Machine> {
  const [disk, gpus] = await Promise.all([
    statfs(folders.runs).catch(() => null),
    supervisor.runTask('gpus', {}),
  ])
  return {
    memoryBytes: totalmem(),
    freeMemoryBytes: availableMemory(),
    diskBytes: disk === null ? null : disk.blocks * disk.bsize,
    freeDiskBytes: disk === null ? null : disk.bavail * disk.bsize,
    gpus,
  }
}

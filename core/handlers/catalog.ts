/** What can be trained, and what a configuration would do. */
import { z } from 'zod'
import type { Catalog, EntryInfo, Handlers, Plan, WorkbenchContract } from '../contract/index.ts'
import { readers } from '../datasets/index.ts'
import { checkConfig, configJsonSchema, listPresets, parseConfig } from '../experiment/index.ts'
import { losses } from '../losses/index.ts'
import { metrics } from '../metrics/index.ts'
import { models } from '../models/index.ts'
import { optimizers } from '../optimizers/index.ts'
import type { AnyEntry } from '../registry/registry.ts'
import { samplers } from '../samplers/index.ts'
import { schedules } from '../schedules/index.ts'
import { transforms } from '../transforms/index.ts'
import { datasetRef } from './datasetViews.ts'
import type { Jobs } from './jobs.ts'
import type { TaskOptions, Workbench } from './ports.ts'

const families = {
  model: models,
  loss: losses,
  optimizer: optimizers,
  schedule: schedules,
  sampler: samplers,
  transform: transforms,
  reader: readers,
  metric: metrics,
}

export function catalogHandlers(
  { store, supervisor, folders }: Workbench,
  jobs: Jobs,
): Handlers<WorkbenchContract>['catalog'] {
  let made: Catalog | null = null
  return {
    list: () => (made ??= makeCatalog()),
    async plan({ config, datasetId }) {
      const checked = checkConfig(config)
      if (checked.config === null) return { ...emptyPlan, issues: [...checked.issues] }
      const dataset = datasetId === null ? null : store.datasets.get(datasetId)
      const known = dataset && { classCount: dataset.classes.length, splits: dataset.splits }
      return supervisor.runTask('plan', { config: { ...checked.config }, dataset: known })
    },
    findLearningRate({ config, datasetId }) {
      const dataset = store.datasets.find(datasetId)
      const input = { config: { ...parseConfig(config) }, dataset: datasetRef(folders, dataset) }
      const run = (options: TaskOptions) => supervisor.runTask('find-learning-rate', input, options)
      return jobs.start({ kind: 'find-learning-rate', title: `Learning rate for ${dataset.name}`, run })
    },
  }
}

const emptyPlan: Plan = {
  issues: [],
  config: null,
  parameterCount: null,
  macs: null,
  stepsPerEpoch: null,
  totalSteps: null,
  checkpointBytes: null,
  stepBytes: null,
  needs: null,
  learningRate: [],
}

/** Made once: entries do not change while the host runs. */
function makeCatalog(): Catalog {
  const infos = Object.entries(families).map(([family, registry]) => [family, registry.list().map(entryInfo)])
  const presets = listPresets().map(({ name, title, summary, source, config }) => {
    return { name, title, summary, source, config: { ...parseConfig(config) } }
  })
  return { families: Object.fromEntries(infos) as Catalog['families'], config: configJsonSchema(), presets }
}

function entryInfo(entry: AnyEntry): EntryInfo {
  const { name, title, summary, source, version } = entry
  const options = z.toJSONSchema(entry.options, { io: 'input', unrepresentable: 'any' })
  return { name, title, summary, source, version, options: { ...options } }
}

/** The whole contract, implemented over a store and a supervisor. */
import type { Handlers, PushMessage, WorkbenchContract } from '../contract/index.ts'
import { createAlerts } from './alerts.ts'
import { catalogHandlers } from './catalog.ts'
import { checkpointHandlers } from './checkpoints.ts'
import { comparisonHandlers } from './comparisons.ts'
import { datasetHandlers } from './datasets.ts'
import { evaluationHandlers } from './evaluations.ts'
import { experimentHandlers } from './experiments.ts'
import { Jobs } from './jobs.ts'
import { libtorchHandlers } from './libtorch.ts'
import { metricHandlers } from './metrics.ts'
import type { Workbench } from './ports.ts'
import { emptyEvaluationTrash } from './removedEvaluations.ts'
import { retrievalHandlers } from './retrieval.ts'
import { runHandlers } from './runs.ts'
import { Scanner } from './scanner.ts'
import { settingHandlers } from './settings.ts'
import { systemHandlers } from './system.ts'

export interface WorkbenchHandlers {
  readonly handlers: Handlers<WorkbenchContract>
  /** Hears every push, as the interfaces do. Never throws. */
  hear(message: PushMessage): void
  /** Takes up what an earlier host left: unfinished scans, the sample data set. */
  start(): void
  /** Stops what the handlers began. */
  close(): void
}

export function createHandlers(workbench: Workbench): WorkbenchHandlers {
  const scanner = new Scanner(workbench)
  const jobs = new Jobs(workbench)
  const alerts = createAlerts(workbench)
  return {
    handlers: {
      system: systemHandlers(workbench),
      datasets: datasetHandlers(workbench, scanner, jobs),
      catalog: catalogHandlers(workbench, jobs),
      runs: runHandlers(workbench, scanner, jobs),
      metrics: metricHandlers(workbench),
      checkpoints: checkpointHandlers(workbench, jobs),
      evaluations: evaluationHandlers(workbench, scanner),
      experiments: experimentHandlers(workbench, jobs),
      comparisons: comparisonHandlers(workbench, jobs),
      retrieval: retrievalHandlers(workbench, scanner, jobs),
      jobs: jobs.handlers,
      alerts: alerts.handlers,
      settings: settingHandlers(workbench),
      libtorch: libtorchHandlers(workbench, jobs),
    },
    hear: alerts.hear,
    start: () => {
      scanner.start()
      void emptyEvaluationTrash(workbench)
    },
    close: () => {
      alerts.close()
      jobs.close()
      scanner.close()
    },
  }
}

export { runSummary } from './runSummary.ts'
export { endSpentSweep } from './sweeps.ts'
export { augmentedPath } from './augmentedPictures.ts'
export { frozenLabels } from './frozenLabels.ts'
export { datasetRef, indexVersion } from './datasetViews.ts'
export { readSettings } from './settings.ts'
export { uploadFolder, uploadPath } from './uploads.ts'
export type { About, DataFolders, LibtorchLibrary, Supervisor, TaskOptions, Workbench } from './ports.ts'
export { failureOf } from './ports.ts'

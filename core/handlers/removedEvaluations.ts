/** The trash of evaluations: it is emptied when a workbench starts, so that a mistake can be undone as long as the page lives. */
import { rm } from 'node:fs/promises'
import { predictionsPathOf, reportPathOf } from './comparisonFiles.ts'
import type { Workbench } from './ports.ts'
import { AppError } from '../errors/index.ts'

/** What an evaluation leaves on the disk goes first: an entry without files can be removed again, files without an entry never. */
export async function emptyEvaluationTrash({ store, folders, keep, report }: Workbench): Promise<void> {
  for (const evaluation of store.evaluations.removed()) {
    const reportPath = reportPathOf(folders, evaluation)
    const paths = [
      ...[reportPath, predictionsPathOf(folders, evaluation)],
      reportPath.replace(/\.json$/, '.whitening.safetensors'),
    ]
    try {
      for (const path of paths) await rm(path, { force: true })
      keep(() => store.evaluations.forget(evaluation.id))
    } catch (thrown) {
      report(AppError.from(thrown, `evaluation ${evaluation.id}`))
    }
  }
}

/** PLACEHOLDER of the coordinator so that the tree loads; replace it. */
import { AppError } from '../errors/index.ts'
import type { RunConfig } from '../experiment/index.ts'
import type { Executor } from '../graph/index.ts'

export interface ImportReport {
  readonly loaded: readonly string[]
  readonly skipped: readonly { readonly name: string; readonly why: string }[]
  readonly missing: readonly string[]
  readonly unexpected: readonly string[]
}

export async function loadStartingWeights(
  _executor: Executor,
  start: RunConfig['start'],
): Promise<ImportReport> {
  throw new AppError('internal', `Not there yet: ${start.weights}`)
}

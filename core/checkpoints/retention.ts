/** Which checkpoints a run keeps. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../errors/index.ts'
import { checkpointName, deletingPrefix, listCheckpoints, pinnedFile, stepOf } from './checkpointFolder.ts'
import { readState } from './loadCheckpoint.ts'
import { verifyCheckpoint } from './manifest.ts'
import { nodeFs, type SavingFs } from './savingFs.ts'

export interface RetentionRule {
  /** Newest to keep, at least 1. */
  readonly keepLast: number
  /** Best by validation to keep. */
  readonly keepBest: number
  /** Which figure of the validation counts; top-1 when left out. */
  readonly bestBy?: 'top1' | 'loss'
  /** Keep those at whole multiples of this many epochs; 0 for none. */
  readonly keepEveryEpochs: number
}

/** What the rule looks at. */
export interface RetentionCandidate {
  readonly step: number
  readonly stepsPerEpoch: number
  /** Validation figure at that very step, the larger the better; null when it was not evaluated there. */
  readonly score: number | null
  readonly isPinned: boolean
}

export interface RetentionOutcome {
  readonly removed: readonly string[]
  readonly problem: string | null
  readonly failure: AppError | null
}

/**
 * Steps of the checkpoints that may go. The newest always stays; of two that are equally good, the newer counts as better.
 */
export function expendable(candidates: readonly RetentionCandidate[], rule: RetentionRule): number[] {
  const newestFirst = [...candidates].sort((a, b) => b.step - a.step)
  const best = newestFirst
    .filter(({ score }) => score !== null)
    .sort((a, b) => b.score! - a.score! || b.step - a.step)
  const kept = new Set<number>()
  for (const { step } of newestFirst.slice(0, Math.max(1, rule.keepLast))) kept.add(step)
  for (const { step } of best.slice(0, rule.keepBest)) kept.add(step)
  for (const { step, stepsPerEpoch, isPinned } of candidates) {
    const isMultiple =
      rule.keepEveryEpochs > 0 && step > 0 && step % (rule.keepEveryEpochs * stepsPerEpoch) === 0
    if (isPinned || isMultiple) kept.add(step)
  }
  return newestFirst.map(({ step }) => step).filter(step => !kept.has(step))
}

/**
 * Deletes what the rule does not keep, but only once the newest checkpoint has been read back whole: otherwise everything stays.
 * @returns names deleted; what is wrong with the newest (null when nothing is); and why one that should go could not be deleted.
 * @throws AppError data-unreadable when the newest cannot be read back now.
 */
export async function applyRetention(
  folder: string,
  rule: RetentionRule,
  fs: SavingFs = nodeFs,
): Promise<RetentionOutcome> {
  const names = await listCheckpoints(folder)
  const newest = names[0]
  if (newest === undefined) return { removed: [], problem: null, failure: null }
  const verification = await verifyCheckpoint(join(folder, newest))
  if (verification.status !== 'valid') return { removed: [], problem: verification.detail, failure: null }
  const candidates = await Promise.all(names.map(name => candidate(folder, name, rule.bestBy ?? 'top1')))
  const removed: string[] = []
  let failure: AppError | null = null
  for (const step of expendable(
    candidates.filter(found => found !== null),
    rule,
  )) {
    const name = checkpointName(step)
    // A new name first: a half-deleted checkpoint must not look like a damaged one.
    const path = join(folder, `${deletingPrefix}${name}`)
    try {
      await fs.rename(join(folder, name), path)
      removed.push(name) // what may be left of it goes before the next attempt
      await fs.remove(path)
    } catch (thrown) {
      failure ??= AppError.from(thrown, `Deleting ${join(folder, name)}`)
    }
  }
  return { removed, problem: null, failure }
}

/** Null for a checkpoint whose state cannot be read: it is left alone. */
async function candidate(
  folder: string,
  name: string,
  bestBy: 'top1' | 'loss',
): Promise<RetentionCandidate | null> {
  const path = join(folder, name)
  try {
    const state = await readState(path)
    const figure = state.evaluatedStep === state.step ? state.metrics[`val/${bestBy}`] : undefined
    const score = figure === undefined ? null : bestBy === 'top1' ? figure : -figure
    const isPinned = await stat(join(path, pinnedFile)).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return false
        throw error
      },
    )
    return { step: stepOf(name), stepsPerEpoch: state.stepsPerEpoch, score, isPinned }
  } catch {
    return null
  }
}

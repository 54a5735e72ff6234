/** What a rule keeps of checkpoints, and why. Trainers apply the same rule to their own; see core/checkpoints/retention.ts. */
import type { Checkpoint, KeepReason, KeepRule, PlannedCheckpoint } from '../contract/index.ts'

/** @param checkpoints of one run, in any order */
export function keepingPlan(checkpoints: readonly Checkpoint[], rule: KeepRule): PlannedCheckpoint[] {
  const newestFirst = [...checkpoints].sort((a, b) => b.step - a.step)
  const valid = newestFirst.filter(({ status }) => status === 'valid')
  const last = new Set(valid.slice(0, rule.keepLast).map(({ id }) => id))
  const best = new Set(
    valid
      .map(each => ({ id: each.id, step: each.step, score: scoreOf(each, rule) }))
      .filter(({ score }) => score !== null)
      .sort((a, b) => b.score! - a.score! || b.step - a.step)
      .slice(0, rule.keepBest)
      .map(({ id }) => id),
  )
  return newestFirst.map(each => {
    const { id, runId, name, label, step, sizeBytes } = each
    const reasons: KeepReason[] = [
      ...(id === valid[0]?.id ? (['newest'] as const) : last.has(id) ? (['last'] as const) : []),
      ...(best.has(id) ? (['best'] as const) : []),
      ...(isMultiple(each, rule.keepEveryEpochs) ? (['epoch'] as const) : []),
      ...(each.isPinned ? (['pinned'] as const) : []),
      ...(each.status === 'valid' ? [] : (['damaged'] as const)),
    ]
    return { id, runId, name, label, step, sizeBytes, reasons }
  })
}

/** The larger the better; null where it was not validated at that step. */
function scoreOf({ metrics }: Checkpoint, { bestBy }: KeepRule): number | null {
  const figure = metrics[`val/${bestBy}`]
  if (figure === undefined) return null
  return bestBy === 'top1' ? figure : -figure
}

function isMultiple({ step, epoch }: Checkpoint, every: number): boolean {
  if (every === 0 || step === 0) return false
  const stepsPerEpoch = Math.round(step / epoch)
  return Number.isFinite(stepsPerEpoch) && step % (every * stepsPerEpoch) === 0
}

/** What stands side by side, and its place in the address: `checkpoints=a,b`, or `runs=a,b` for the best checkpoint of each. */
import type { ComparedCheckpoint, Comparison } from '../../../core/contract/index.ts'

/** As many checkpoints are held side by side; as many runs have their curves drawn. */
export const mostSides = 8
export const mostRuns = 20

export interface Side {
  /** Of the checkpoint, else of the run that has none. */
  readonly key: string
  /** A, B, C … by its place. */
  readonly letter: string
  /** A CSS colour that follows the theme. */
  readonly color: string
  readonly runId: string | null
  /** Null where it is gone, or the run has none yet. */
  readonly checkpoint: ComparedCheckpoint | null
  readonly evaluation: Comparison['evaluations'][number]
}

export type SideQuery = { readonly checkpoints: string; readonly runs: string }

export function sidesOf({ sides, evaluations }: Comparison, asked: readonly string[]): Side[] {
  return sides.map(({ runId, checkpoint }, index) => ({
    key: checkpoint?.id ?? asked[index] ?? '',
    letter: letterOf(index),
    color: colorOf(index),
    runId,
    checkpoint,
    evaluation: evaluations[index]!,
  }))
}

export function letterOf(index: number): string {
  return String.fromCharCode(65 + index)
}

export function colorOf(index: number): string {
  return `var(--series-${(index % 8) + 1})`
}

/** Once each, in their order. */
export function listed(text: string | undefined): string[] {
  return [...new Set((text ?? '').split(',').filter(id => id !== ''))]
}

/** The address of sides. A run without a checkpoint is named as a run, after those that have one. */
export function sideQuery(sides: readonly Pick<Side, 'key' | 'checkpoint' | 'runId'>[]): SideQuery {
  const isRun = ({ checkpoint, runId }: Pick<Side, 'checkpoint' | 'runId'>): boolean =>
    checkpoint === null && runId !== null
  const keys = (chosen: typeof sides): string => chosen.map(({ key }) => key).join(',')
  return { checkpoints: keys(sides.filter(side => !isRun(side))), runs: keys(sides.filter(isRun)) }
}

/** A copy with the item at one place moved by some places; as it was at either end. */
export function moved<T>(items: readonly T[], from: number, by: number): T[] {
  const copy = [...items]
  const to = from + by
  if (from < 0 || from >= copy.length || to < 0 || to >= copy.length) return copy
  copy.splice(to, 0, ...copy.splice(from, 1))
  return copy
}

/** The figures of an evaluation, for people and for programs. */
import type { RetrievalFigures } from '../contract/index.ts'
import type { EvaluationFigures } from '../processes/protocol.ts'
import type { Invocation } from './commands/shared/command.ts'
import { percent } from './output.ts'
import { table } from './table.ts'

export type PrintedEvaluation = EvaluationFigures & {
  readonly runId: string | null
  readonly checkpoint: string
  /** File with everything in detail, where there is one. */
  readonly report: string | null
}

/** @returns what `--json` prints. */
export function printEvaluation(
  { output }: Pick<Invocation, 'output'>,
  evaluation: PrintedEvaluation,
): Record<string, unknown> {
  const { split, imageCount, skippedCount, top1, top5, loss, calibrationError, retrieval, power } = evaluation
  const { runId, checkpoint, report } = evaluation
  output.clearProgress()
  const skipped = skippedCount > 0 ? `, ${skippedCount} left out as they cannot be decoded` : ''
  const images = imageCount === 1 ? '1 image' : `${imageCount} images`
  // In retrieval the images are those of the gallery.
  output.line(`${retrieval ? `${split} searched for in ${images}` : `${images} of ${split}`}${skipped}`)
  if (power !== null) output.line(`power of GeM pooling, tuned: ${power.toFixed(3)}`)
  if (retrieval) printRetrieval(output, retrieval)
  else {
    output.line(`top-1 ${percent(top1)}, top-5 ${percent(top5)}, loss ${loss?.toFixed(4) ?? '–'}`)
    output.line(`calibration error ${percent(calibrationError)}`)
  }
  if (report !== null) output.line(`In detail: ${report}`)
  const figures = { split, top1, top5, loss, calibrationError, retrieval, power, imageCount, skippedCount }
  return { runId, checkpoint, ...figures, report }
}

function printRetrieval(output: Invocation['output'], figures: readonly RetrievalFigures[]): void {
  const rows = figures.map(each => [
    each.difficulty,
    String(each.queryCount),
    ...[each.map, each.plainMap, each.mapAtR, each.rPrecision, each.reciprocalRank].map(percent),
    ...['1', '5', '10'].map(k => percent(each.revisitedPrecisionAt[k] ?? null)),
    ...['1', '5', '10'].map(k => percent(each.recallAt[k] ?? null)),
  ])
  const head = ['', 'QUERIES>', 'MAP>', 'PLAIN MAP>', 'MAP@R>', 'R-PREC>', 'MRR>', 'MP@1>', 'MP@5>', 'MP@10>']
  // Recall@k of metric learning: whether any of the first k is right, not how many of the right ones are there.
  output.line(table([...head, 'ANY R@1>', 'ANY R@5>', 'ANY R@10>'], rows))
  const [first] = figures
  if (first?.nisterStewenius != null) output.line(`N-S score ${first.nisterStewenius.toFixed(3)} of 4`)
  if (first && first.emptyCount > 0)
    output.line(
      `${first.emptyCount === 1 ? '1 query has' : `${first.emptyCount} queries have`} nothing to find, left out`,
    )
}

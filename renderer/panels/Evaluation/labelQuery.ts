/** A class in an address; null for none, or for one that the evaluation does not know. */
import type { EvaluationStudy } from '../../../core/contract/index.ts'

export function labelOf(
  text: string | undefined,
  { classes }: Pick<EvaluationStudy, 'classes'>,
): number | null {
  if (text === undefined || !/^\d{1,6}$/.test(text)) return null
  const label = Number(text)
  return label < classes.length ? label : null
}

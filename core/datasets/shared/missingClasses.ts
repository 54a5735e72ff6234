/** Tells of classes that a split has no images of: its figures say nothing about them. */
import type { Problem, Scan } from './reader.ts'

const shown = 5

/**
 * @param splits as a scan counts them; those of retrieval need not share their classes
 * @param nameOf the split as the problem's file
 */
export function missingClasses(
  classes: readonly string[],
  splits: Scan['splits'],
  nameOf: (split: Scan['splits'][number]) => string = ({ name }) => name,
): Problem[] {
  return splits.flatMap(split => {
    if (split.name === 'query' || split.name === 'gallery') return []
    const missing = classes.filter((_, label) => (split.classCounts[label] ?? 0) === 0)
    if (missing.length === 0) return []
    const more = missing.length > shown ? `, and ${missing.length - shown} more` : ''
    const count = missing.length === 1 ? '1 class' : `${missing.length} classes`
    return [
      { file: nameOf(split), problem: `no images of ${count}: ${missing.slice(0, shown).join(', ')}${more}` },
    ]
  })
}

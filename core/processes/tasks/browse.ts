/** One page of the images of a split that a filter chooses: classes, names, sizes, tags. The data set stays open between pages. */
import type { Task } from '../protocol.ts'
import { openSelection } from '../selections.ts'

export const browse: Task<'browse'> = {
  name: 'browse',
  async run({ offset, limit, filter, ...at }) {
    const { split, facts, broken, tags, indices } = await openSelection(at, filter)
    const total = indices?.length ?? split.count
    const count = Math.max(0, Math.min(limit, total - offset))
    const items = Array.from({ length: count }, (_, place) => {
      const index = indices?.[offset + place] ?? offset + place
      const label = split.labels[index] as number
      return {
        index,
        label,
        scannedLabel: split.scannedLabels?.[index] ?? label,
        name: split.name(index),
        width: facts?.widths[index] ?? 0,
        height: facts?.heights[index] ?? 0,
        fileBytes: facts?.sizes[index] ?? 0,
        tags: tags.get(index) ?? [],
        problem: broken.get(index) ?? null,
      }
    })
    return { total, items }
  },
}

/** The indices of all images of a split that a filter chooses, as far as a limit. */
import type { Task } from '../protocol.ts'
import { openSelection } from '../selections.ts'

export const matchingImages: Task<'matching-images'> = {
  name: 'matching-images',
  async run({ limit, filter, ...at }) {
    const { split, indices } = await openSelection(at, filter)
    const total = indices?.length ?? split.count
    return {
      total,
      indices: Array.from({ length: Math.min(limit, total) }, (_, place) => indices?.[place] ?? place),
    }
  },
}

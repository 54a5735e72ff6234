/** Names and classes of some images: what changes of theirs are kept under. */
import { AppError } from '../../errors/index.ts'
import { keptOpen } from '../openDatasets.ts'
import type { Task } from '../protocol.ts'

export const nameImages: Task<'name-images'> = {
  name: 'name-images',
  async run({ dataset: ref, split: name, indices }) {
    const { classes, splits } = await keptOpen(ref)
    const split = splits[name]
    if (!split)
      throw new AppError('not-found', `The data set has no split '${name}'`, { field: 'split', value: name })
    const labels = split.scannedLabels ?? split.labels
    return indices.map(index => {
      if (index < split.count)
        return { index, name: split.name(index), className: classes[labels[index] as number] ?? '' }
      const message = `Split '${name}' has images 0 to ${split.count - 1}, not ${index}`
      throw new AppError('not-found', message, { split: name, index })
    })
  },
}

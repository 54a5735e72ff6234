/** What a checkpoint sees on one image, and where. */
import { lookAtImage as look } from '../../evaluation/lookAtImage.ts'
import { filesAsSplit } from '../../exporting/index.ts'
import { AppError } from '../../errors/index.ts'
import { keptOpen } from '../openDatasets.ts'
import { keptNetwork } from '../openNetworks.ts'
import type { Task, TaskInput } from '../protocol.ts'

export const lookAtImage: Task<'look-at-image'> = {
  name: 'look-at-image',
  run: async ({ checkpointPath, image, top, label }) => {
    const { split, index } = await chosenImage(image)
    const name = 'path' in image ? 'The image' : split.name(index)
    // A file's own name says nothing to whoever brought the image.
    const called = { ...split, name: () => name, read: (at: number) => split.read(at) }
    return { name, ...(await look(await keptNetwork(checkpointPath), called, index, { top, label })) }
  },
}

async function chosenImage(image: TaskInput<'look-at-image'>['image']) {
  if ('path' in image) return { split: filesAsSplit([image.path]), index: 0 }
  const { dataset, split: name, index } = image
  const split = (await keptOpen(dataset)).splits[name]
  if (split && index < split.count) return { split, index }
  const problem = split ? `there is no image ${index} in ${name}` : `there is no split ${name}`
  throw new AppError('not-found', `${dataset.path}: ${problem}`, { split: name, index })
}

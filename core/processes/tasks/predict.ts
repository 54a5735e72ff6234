/** What a checkpoint or an export sees on files, or on images of a data set. */
import { startBackend } from '../../backend/index.ts'
import { filesAsSplit, predict as predictImages } from '../../exporting/index.ts'
import { AppError } from '../../errors/index.ts'
import { keptOpen } from '../openDatasets.ts'
import type { Task, TaskInput } from '../protocol.ts'

export const predict: Task<'predict'> = {
  name: 'predict',
  run: async ({ images, backend, ...input }, watcher) => {
    const order = { ...input, ...(await chosenImages(images)), startBackend: () => startBackend(backend) }
    return predictImages(order, watcher)
  },
}

type Images = TaskInput<'predict'>['images']

async function chosenImages(chosen: Images) {
  if ('paths' in chosen) return { images: filesAsSplit(chosen.paths) }
  const { dataset, split, indices } = chosen
  const images = (await keptOpen(dataset)).splits[split]
  const wrong = images ? indices.find(index => !(index < images.count)) : undefined
  if (images && wrong === undefined) return { images, indices }
  const problem = images ? `there is no image ${wrong} in ${split}` : `there is no split ${split}`
  throw new AppError('not-found', `${dataset.path}: ${problem}`, { split, indices })
}

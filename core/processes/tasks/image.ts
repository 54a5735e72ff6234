/** One whole picture, as training would decode it. */
import { imagePng } from '../../data/index.ts'
import { keptOpen } from '../openDatasets.ts'
import type { Task } from '../protocol.ts'

export const image: Task<'image'> = {
  name: 'image',
  run: async ({ dataset, split, index }) => imagePng(await keptOpen(dataset), split, index),
}

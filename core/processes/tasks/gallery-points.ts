/** The points of a gallery's map, with what they are coloured by. */
import { readFile } from 'node:fs/promises'
import { AppError } from '../../errors/index.ts'
import { openKept } from '../../retrieval/gallery/index.ts'
import { factsOf } from '../galleries.ts'
import { planeFile } from '../galleryPlane.ts'
import { keptOpen } from '../openDatasets.ts'
import type { Task } from '../protocol.ts'

export const galleryPoints: Task<'gallery-points'> = {
  name: 'gallery-points',
  run: async ({ power, method, ...place }) => {
    const { key, facts } = await factsOf(place, power)
    const plane = await readFile(planeFile(place.cacheFolder, key, power, method)).catch(() => null)
    if (plane?.length !== facts.count * 8)
      throw new AppError('not-found', 'The map is not made (any more). Make it again', {
        remedy: 'Make it again',
      })
    const { indices, close } = await openKept(place.cacheFolder, key, power)
    await close()
    const { predicted, count } = facts
    const now = (await keptOpen(place.dataset)).splits[place.split]!.labels
    return {
      count,
      positions: plane.toString('base64'),
      indices: base64(indices),
      labels: base64(indices.map(index => now[index]!)),
      predicted: predicted.length === count ? base64(Int32Array.from(predicted)) : null,
    }
  },
}

function base64({ buffer, byteOffset, byteLength }: Int32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64')
}

/** Which regions of a query and of a hit make their score. */
import { AppError } from '../../errors/index.ts'
import { filesAsSplit } from '../../exporting/index.ts'
import {
  matchOf,
  partnersOf,
  seeImage,
  squaredFactors,
  type MatchSide,
  type PooledMap,
  type SeenImage,
} from '../../retrieval/gallery/index.ts'
import { factsOf, findQuery, openGallery, splitOf, viewOf } from '../galleries.ts'
import { keptOpen } from '../openDatasets.ts'
import { keptNetwork } from '../openNetworks.ts'
import type { MatchSideView } from '../galleryTasks.ts'
import type { Task } from '../protocol.ts'

export const galleryMatch: Task<'gallery-match'> = {
  name: 'gallery-match',
  run: async input => {
    const { key } = await factsOf(input, input.power)
    const gallery = await openGallery(input, key)
    const { region, dataset } = await findQuery(input, key, gallery, 'medium')
    const network = await keptNetwork(input.checkpointPath)
    const { image, power, whitening } = input
    const from =
      'path' in image
        ? { split: filesAsSplit([image.path]), index: 0 }
        : { split: splitOf(await keptOpen(image.dataset), image), index: image.index }
    const query = await seeImage(network, from.split, from.index, region, viewOf(input), power)
    const found = splitOf(dataset, { split: input.split, index: input.hit })
    const hit = await seeImage(network, found, input.hit, null, viewOf(input), power)
    const { principal, rows } = gallery
    const whitener =
      whitening && principal
        ? { principal, squared: squaredFactors(principal.variances, whitening, rows.count) }
        : null
    const [one, other] = [pooledMap(query), pooledMap(hit)]
    const match = matchOf(one, other, whitener)
    const { place } = input
    const isPlace = place !== null && place < one.height * one.width
    return {
      score: match.score,
      query: viewed(match.query, query),
      hit: viewed(match.hit, hit),
      partners: isPlace ? [...partnersOf(one, other, whitener, place)] : null,
      power: one.pooling.power,
    }
  },
}

function pooledMap({ embedding, map }: SeenImage): PooledMap {
  if (map) return { ...map, embedding }
  const message =
    'This network does not pool its last map into its embedding, so no region has a share of its own in the score'
  throw new AppError('invalid-request', message)
}

function viewed({ shares, ...side }: MatchSide, { region }: SeenImage): MatchSideView {
  const { x, y, width, height } = region
  return { ...side, shares: [...shares], region: { x, y, width, height } }
}

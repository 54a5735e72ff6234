/** One page of a gallery, ranked for a query. */
import { performance } from 'node:perf_hooks'
import { rankedPage, squaredFactors, type KeptGallery } from '../../retrieval/gallery/index.ts'
import { difficultiesOf } from '../../retrieval/protocols.ts'
import { factsOf, findQuery, openGallery } from '../galleries.ts'
import type { Task, TaskInput } from '../protocol.ts'

export const galleryQuery: Task<'gallery-query'> = {
  name: 'gallery-query',
  run: async input => {
    const { key } = await factsOf(input, input.power)
    const gallery = await openGallery(input, key)
    const query = await findQuery(input, key, gallery, input.difficulty)
    const startedAt = performance.now()
    const scores = scoresOf(gallery, query.vector, input.whitening)
    const { hits, ...page } = rankedPage(scores, query.expected, query.self, input)
    const searchMs = performance.now() - startedAt
    const split = query.dataset.splits[input.split]!
    const { name, label, region } = query
    return {
      ...page,
      galleryCount: gallery.rows.count,
      hits: hits.map(({ row, ...hit }) => {
        const index = gallery.indices[row]!
        return { index, label: split.labels[index]!, name: split.name(index), ...hit }
      }),
      ...{ query: { name, label }, region, searchMs, bytes: gallery.rows.bytes },
      difficulties:
        query.dataset.retrieval && input.split === 'gallery'
          ? [...difficultiesOf(query.dataset.retrieval)]
          : [],
    }
  },
}

function scoresOf(
  { rows, principal }: KeptGallery,
  vector: Float32Array,
  whitening: TaskInput<'gallery-query'>['whitening'],
): Float32Array {
  if (!whitening || !principal) return rows.product(vector)
  const squared = squaredFactors(principal.variances, whitening, rows.count)
  let length = 0
  vector.forEach((value, c) => (length += value * value * squared[c]!))
  const scale = length > 0 ? 1 / Math.sqrt(length) : 0
  return rows.weighted(
    vector.map(value => value * scale),
    squared,
  )
}

/** The queries of a retrieval data set, and the images that answer one. */
import type { OpenDataset, Split } from '../../datasets/shared/reader.ts'
import { AppError } from '../../errors/index.ts'
import { keptOpen } from '../openDatasets.ts'
import type { TruthImage } from '../datasetTasks.ts'
import type { Task } from '../protocol.ts'

/** Images of one grade that are listed. */
const mostListed = 500

export const retrievalTruth: Task<'retrieval-truth'> = {
  name: 'retrieval-truth',
  async run({ dataset: ref, text, offset, limit, query }) {
    const { retrieval, ...dataset } = await keptOpen(ref)
    const [queries, gallery] = [dataset.splits.query, dataset.splits.gallery]
    if (!retrieval || !queries || !gallery) {
      const message =
        'This data set has no ground truth of its own: its classes say which images belong together'
      throw new AppError('not-found', message)
    }
    const words = text.toLowerCase().split(/\s+/).filter(Boolean)
    const imageAt = lister(dataset.classes)
    const found = retrieval.queries.filter(each => {
      if (words.length === 0) return true
      const { name, className } = imageAt(queries, each.query)
      const said = `${name} ${className}`.toLowerCase()
      return words.every(word => said.includes(word))
    })
    const chosen = query === null ? undefined : retrieval.queries.find(each => each.query === query)
    if (query !== null && !chosen)
      throw new AppError('not-found', `There is no query ${query}`, { value: query })
    const graded = (indices: Int32Array): TruthImage[] =>
      Array.from(indices.subarray(0, mostListed), index => imageAt(gallery, index))
    return {
      protocol: retrieval.protocol,
      total: found.length,
      queries: found.slice(offset, offset + limit).map(each => ({
        ...imageAt(queries, each.query),
        easyCount: each.easy.length,
        hardCount: each.hard.length,
        junkCount: each.junk.length,
      })),
      answers: chosen
        ? {
            query: imageAt(queries, chosen.query),
            box: chosen.box && [...chosen.box],
            self: chosen.self === null ? null : imageAt(gallery, chosen.self),
            easy: graded(chosen.easy),
            hard: graded(chosen.hard),
            junk: graded(chosen.junk),
            counts: { easy: chosen.easy.length, hard: chosen.hard.length, junk: chosen.junk.length },
          }
        : null,
    }
  },
}

function lister(classes: OpenDataset['classes']) {
  return (split: Split, index: number): TruthImage => {
    const label = split.labels[index] as number
    return { index, label, className: classes[label] ?? String(label), name: split.name(index) }
  }
}

/** Ground truth of a retrieval as blocks of an index, and back. */
import type { IndexBlocks, OpenIndex } from './indexFile.ts'
import type { RetrievalQuery, RetrievalTruth } from './retrievalTruth.ts'

const kinds = ['easy', 'hard', 'junk'] as const

/** Blocks for `packIndex`; the protocol belongs into the header. */
export function packTruth({ queries }: RetrievalTruth): IndexBlocks {
  const boxes = Float32Array.from(queries.flatMap(({ box }) => box ?? [NaN, NaN, NaN, NaN]))
  return {
    'truth/query': Int32Array.from(queries, ({ query }) => query),
    'truth/self': Int32Array.from(queries, ({ self }) => self ?? -1),
    'truth/box': new Uint8Array(boxes.buffer),
    ...Object.assign({}, ...kinds.map(kind => packLists(kind, queries))),
  }
}

export function openTruth(
  protocol: RetrievalTruth['protocol'],
  { integers, bytes }: OpenIndex<unknown>,
): RetrievalTruth {
  const [query, self] = [integers('truth/query'), integers('truth/self')]
  const boxes = new Float32Array(Uint8Array.from(bytes('truth/box')).buffer)
  const lists = Object.fromEntries(
    kinds.map(kind => {
      const [values, ends] = [integers(`truth/${kind}`), integers(`truth/${kind}/ends`)]
      return [kind, (at: number) => values.subarray(at === 0 ? 0 : ends[at - 1], ends[at])]
    }),
  ) as Record<(typeof kinds)[number], (at: number) => Int32Array>
  return {
    protocol,
    queries: Array.from(query, (place, at): RetrievalQuery => {
      const [left = NaN, top = 0, right = 0, bottom = 0] = boxes.subarray(at * 4, at * 4 + 4)
      return {
        query: place,
        self: self[at] === -1 ? null : (self[at] as number),
        ...{ easy: lists.easy(at), hard: lists.hard(at), junk: lists.junk(at) },
        box: Number.isNaN(left) ? null : [left, top, right, bottom],
      }
    }),
  }
}

function packLists(kind: (typeof kinds)[number], queries: readonly RetrievalQuery[]): IndexBlocks {
  let end = 0
  const ends = Int32Array.from(queries, query => (end += query[kind].length))
  const values = new Int32Array(end)
  queries.forEach((query, at) => values.set(query[kind], at === 0 ? 0 : ends[at - 1]))
  return { [`truth/${kind}`]: values, [`truth/${kind}/ends`]: ends }
}

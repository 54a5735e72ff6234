/** What formats made for retrieval share: images in groups that show the same, and who answers whom. */
import { shownSize } from './checkFiles.ts'
import { packFiles, type LabelledFile } from './fileList.ts'
import { joinPath } from './fileName.ts'
import { packIndex, unpackIndex } from './indexFile.ts'
import { invalidFile } from './invalidFile.ts'
import { openFileSplits } from './openFileSplits.ts'
import { countClasses } from './pixels.ts'
import type { OpenDataset, Reader, Scan } from './reader.ts'
import type { RetrievalQuery, RetrievalTruth } from './retrievalTruth.ts'
import { openTruth, packTruth } from './truthBlocks.ts'
import type { FoundFile, Walk } from './walk.ts'

/** An image and what it shows. */
export interface GroupedFile extends FoundFile {
  readonly group: string
  /** Of its group, but neither right nor wrong. */
  readonly isJunk?: boolean
}

export interface RetrievalSet {
  readonly queries: readonly GroupedFile[]
  readonly gallery: readonly GroupedFile[]
  readonly truth: RetrievalTruth
}

interface Header {
  readonly classes: readonly string[]
  readonly protocol: RetrievalTruth['protocol']
}

const splits = ['query', 'gallery'] as const
const none = new Int32Array(0)

/**
 * Images of the query's group are right.
 * @param countsItself whether the query in the gallery is one of those to be found, as UKBench has it; else it is left out
 */
export function truthOfGroups(
  protocol: RetrievalTruth['protocol'],
  queries: readonly GroupedFile[],
  gallery: readonly GroupedFile[],
  countsItself = false,
): RetrievalTruth {
  const members = Map.groupBy(gallery.keys(), at => (gallery[at] as GroupedFile).group)
  const places = new Map(gallery.map((file, at) => [keyOf(file), at]))
  return {
    protocol,
    queries: queries.map((file, query): RetrievalQuery => {
      const same = places.get(keyOf(file)) ?? null
      const self = countsItself ? null : same
      const others = (members.get(file.group) ?? []).filter(at => at !== self)
      return {
        ...{ query, self, hard: none, box: null },
        easy: Int32Array.from(others.filter(at => gallery[at]?.isJunk !== true)),
        junk: Int32Array.from(others.filter(at => gallery[at]?.isJunk === true)),
      }
    }),
  }
}

/** @param format the reader's name @throws AppError data-invalid when no query has an answer */
export async function scanRetrieval(format: string, walk: Walk, set: RetrievalSet): Promise<Scan> {
  const { queries, gallery, truth } = set
  const root = walk.root.toString()
  const unanswered = truth.queries.filter(({ easy, hard }) => easy.length + hard.length === 0)
  if (unanswered.length === truth.queries.length) {
    const found = `${queries.length} queries and ${gallery.length} images in the gallery`
    throw invalidFile(root, `${found}, and no query has a relevant image`, 'Check that all files are there')
  }
  for (const { query } of unanswered.slice(0, 100)) {
    const file = queries[query] as GroupedFile
    walk.problems.add(joinPath(file.folder, file.name), 'a query without a relevant image; it does not count')
  }
  const classes = [...new Set([...queries, ...gallery].map(({ group }) => group))].sort()
  const labelOf = new Map(classes.map((name, label) => [name, label]))
  const labelled = (files: readonly GroupedFile[]): LabelledFile[] =>
    files.map(({ folder, name, group }) => ({ folder, name, label: labelOf.get(group) as number }))
  const lists = { query: labelled(queries), gallery: labelled(gallery) }
  const header: Header = { classes, protocol: truth.protocol }
  const blocks = {
    ...packFiles('query', lists.query),
    ...packFiles('gallery', lists.gallery),
    ...packTruth(truth),
  }
  return {
    classes,
    splits: splits.map(name => ({
      name,
      count: lists[name].length,
      classCounts: countClasses(
        Int32Array.from(lists[name], ({ label }) => label),
        classes.length,
      ),
    })),
    imageSize: await shownSize(walk, lists.gallery[0]),
    problems: walk.problems.list(),
    index: packIndex(format, header, blocks),
  }
}

/** `open` of a reader of such a format. */
export function openRetrieval(format: string): Reader['open'] {
  return async (path, bytes): Promise<OpenDataset> => {
    const index = unpackIndex<Header>(format, bytes)
    const { classes, protocol } = index.header
    const retrieval = openTruth(protocol, index)
    return { classes, splits: openFileSplits(path, splits, index), retrieval, close: async () => {} }
  }
}

function keyOf({ folder, name }: FoundFile): string {
  return joinPath(folder, name).toString('latin1')
}

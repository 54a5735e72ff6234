/** In which splits the images of a retrieval lie. */
import type { Evaluation, SplitName } from '../../../core/contract/index.ts'
import { routeHash } from '../../route.ts'

export function querySplit({ split }: Pick<Evaluation, 'split'>): SplitName {
  return split
}

/** A set with queries of its own keeps its gallery apart. */
export function gallerySplit({ split, settings }: Pick<Evaluation, 'split' | 'settings'>): SplitName {
  return split === 'query' ? 'gallery' : (settings.gallery ?? split)
}

export function thumbnailUrl(datasetId: string, split: SplitName, index: number): string {
  return `/blobs/datasets/${datasetId}/${split}/${index}/thumbnail`
}

/** The page of retrieval with the evaluation's checkpoint and gallery, and one of its queries. */
export function searchHash(evaluation: Evaluation, index: number | null): string {
  const { checkpointId, datasetId } = evaluation
  const [split, from] = [gallerySplit(evaluation), querySplit(evaluation)]
  const query = index === null ? '' : String(index)
  return routeHash({
    page: 'retrieval',
    query: {
      checkpoint: checkpointId,
      dataset: datasetId,
      split,
      query,
      from: query === '' || from === split ? '' : from,
    },
  })
}

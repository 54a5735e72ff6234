/** In which splits the images of a retrieval lie. */
import type { Evaluation, SplitName } from '../../../core/contract/index.ts'

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

/** Ground truth of a retrieval data set. Images are counted within their split. */

/** What counts as right for one query. Plain sets have no `hard` ones. */
export interface RetrievalQuery {
  /** Its image in the split `query`. */
  readonly query: number
  /** The same image in the gallery, which is left out of the ranking; null where it is not there, or counts as UKBench counts it. */
  readonly self: number | null
  /** Images of the gallery that show the same. */
  readonly easy: Int32Array
  readonly hard: Int32Array
  /** Neither right nor wrong: taken out of the ranking. */
  readonly junk: Int32Array
  /** Part of the query's image to search with, in pixels: left, top, right, bottom; null for all of it. */
  readonly box: readonly [number, number, number, number] | null
}

export interface RetrievalTruth {
  /** Which figures its literature reports. */
  readonly protocol: 'plain' | 'revisited' | 'holidays' | 'ukbench' | 'copydays'
  readonly queries: readonly RetrievalQuery[]
}

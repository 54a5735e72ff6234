import type { Graph } from '../../graph/index.ts'

/** What a data set and a configuration ask of a network. */
export interface ModelShape {
  /** Input height and width in pixels. */
  readonly height: number
  readonly width: number
  /** Input channels: 3 for colour, 1 for grey. */
  readonly channels: number
  /** Number of classes, at least 2. */
  readonly classCount: number
}

/**
 * A network for a given shape. Its graph has the outputs `logits` [B, classCount] and `embedding` [B, C], what the classifier sees.
 * @throws AppError invalid-config when the input is too small for the network, naming input.size and the least that works.
 */
export type Model = (shape: ModelShape) => Graph

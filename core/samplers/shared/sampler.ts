/** Numbers from [0, 1). */
export type Random = () => number

/** What a sampler chooses from, and for whom. */
export interface SamplingSource {
  /** Number of images, N. */
  readonly count: number
  /** Class of each image, [N]. */
  readonly labels: Int32Array
  /** Draws in one batch of all ranks together. */
  readonly batchSize: number
  /** Ranks, each of which takes an equal, consecutive part of every batch. */
  readonly ranks: number
}

/** The randomness of one epoch: a pure function of (seed, epoch). */
export interface EpochRandomness {
  /** A permutation of 0 … N - 1; another one for each round. */
  permutation(round: number): Int32Array
  /** A stream of its own, apart from the permutations. */
  stream(): Random
}

/** The images of an epoch in the order in which they come. */
export interface Draws {
  /** Image of each draw, 0 to N - 1, [draws]. */
  readonly indices: Int32Array
  /**
   * How often each image came before in this epoch, [draws]: below `copies`, and for no image twice the same, so that each copy is
   * augmented in its own way. Left out where no image comes twice.
   */
  readonly copies?: Int32Array
}

/** What an epoch amounts to, known before it is drawn. */
export interface EpochPlan {
  /** Draws in an epoch, the last batch complete or not. */
  readonly draws: number
  /** How often one image may come in an epoch, at most. */
  readonly copies: number
  draw(randomness: EpochRandomness): Draws
}

/** Chooses which images come when in training. */
export interface Sampler {
  /**
   * @throws AppError invalid-config, naming `sampler.options` and `training.batchSize`, when the images cannot be drawn so.
   */
  plan(source: SamplingSource): EpochPlan
}

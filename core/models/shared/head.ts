/** What stands behind the last block of a network: pooling to an embedding, dropout, and the classifier. */
import { z } from 'zod'
import type { GraphBuilder, Initializer, Value } from '../../graph/index.ts'

export const headOptions = {
  pooling: z.enum(['average', 'gem', 'max']).default('average').meta({
    title: 'Pooling',
    description:
      'How the last map becomes an embedding. average: the mean; gem: the generalised mean, between mean and maximum; max: the maximum',
  }),
  gemPower: z.number().gt(0).max(100).default(3).meta({
    title: 'GeM power',
    description: 'p of the generalised mean: 1 is the mean; the larger, the nearer to the maximum',
  }),
  learnGemPower: z.boolean().default(false).meta({
    title: 'Learn GeM power',
    description: 'Train p with the weights, from the value above',
  }),
  dropout: z.number().min(0).lt(1).default(0).meta({
    title: 'Dropout',
    description: 'Share of the embedding that is set to zero before the classifier in training',
  }),
} as const

export interface HeadOptions {
  readonly pooling: 'average' | 'gem' | 'max'
  readonly gemPower: number
  readonly learnGemPower: boolean
  readonly dropout: number
}

/** As torchvision's networks end. */
export const plainHead: HeadOptions = { pooling: 'average', gemPower: 3, learnGemPower: false, dropout: 0 }

export interface HeadNames {
  readonly pool: string
  readonly classifier: string
}

/** @param map [H, W, C]. @returns the outputs `logits` [K] and `embedding` [C]. */
export function addHead(
  g: GraphBuilder,
  map: Value,
  { pooling, gemPower, learnGemPower, dropout }: HeadOptions,
  { pool, classifier }: HeadNames,
  dense: {
    readonly units: number
    readonly initializer?: Initializer
    readonly biasInitializer?: Initializer
  },
): { readonly logits: Value; readonly embedding: Value } {
  const embedding =
    pooling === 'average'
      ? g.globalAvgPool(pool, map)
      : g.gem(pool, map, {
          p: pooling === 'max' ? Infinity : gemPower,
          isLearned: pooling === 'gem' && learnGemPower,
        }) // [C]
  const kept = dropout > 0 ? g.dropout('dropout', embedding, dropout) : embedding
  return { embedding, logits: g.dense(classifier, kept, dense) }
}

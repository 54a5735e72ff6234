/** How well a file's weights fit a network, without any of them being read. */
import type { Graph } from '../graph/index.ts'
import { headsOf, ignored, sameNumbers, stripped, wantedOf } from './matchWeights.ts'
import type { FoundWeights } from './readWeights.ts'

export interface Fit {
  /** Names that both have, of one shape. */
  readonly loaded: readonly string[]
  /** Names that both have, of two shapes, in torch's layout. */
  readonly different: readonly {
    readonly name: string
    readonly expected: readonly number[]
    readonly got: readonly number[]
    /** Of a classifier, which is replaced. */
    readonly isHead: boolean
  }[]
  /** Of the network alone. */
  readonly missing: readonly string[]
  /** Of the file alone. */
  readonly unexpected: readonly string[]
}

export function fitOf(graph: Graph, weights: FoundWeights): Fit {
  const wanted = wantedOf(graph)
  const given = stripped(weights.tensors, wanted)
  const heads = headsOf(graph)
  const shared = [...wanted].filter(([name]) => given.has(name))
  const isAlike = ([name, { shape }]: (typeof shared)[number]): boolean =>
    sameNumbers(shape, given.get(name)!.shape)
  const different = shared.filter(each => !isAlike(each))
  return {
    loaded: shared.filter(isAlike).map(([name]) => name),
    different: different.map(([name, { shape }]) => ({
      ...{ name, expected: shape, got: given.get(name)!.shape },
      isHead: heads.has(name),
    })),
    missing: [...wanted.keys()].filter(name => !given.has(name)),
    unexpected: [...given.keys()].filter(name => !wanted.has(name) && !ignored.test(name)),
  }
}

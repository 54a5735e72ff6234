/** First weights by the names under which options offer them. */
import type { Initializer } from '../../graph/index.ts'

/** What a cut at ±2σ leaves of the standard deviation of a normal distribution. */
const cut = 0.87962566103423978

export const initialisers = {
  conv: {
    'kaiming-normal': { kind: 'kaiming-normal', fan: 'out' },
    'xavier-uniform': { kind: 'xavier-uniform' },
    'truncated-normal': { kind: 'truncated-fan-in', gain: 1, shrink: cut },
    'he-uniform': { kind: 'he-uniform' },
  },
  /** None: the builder's own. */
  dense: {
    uniform: null,
    'truncated-normal': { kind: 'truncated-normal', stddev: 0.01 },
    normal: { kind: 'normal', stddev: 0.01 },
  },
} as const satisfies Record<string, Record<string, Initializer | null>>

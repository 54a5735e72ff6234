/**
 * In how many bits a run computes. A level names a ready combination; each of its fields can be set apart, and then overrides it.
 *
 * | level | products computed in | activations kept in | weights kept in | loss scale |
 * |---|---|---|---|---|
 * | O0 | float32 | float32 | float32 | none |
 * | O1 | 16 bits | float32 | float32 | dynamic for float16, else none |
 * | O2 | 16 bits | 16 bits | float32 | dynamic for float16, else none |
 * | O3 | 16 bits | 16 bits | 16 bits | none |
 *
 * The 16 bits are bfloat16 unless `compute` says float16. Whatever the level, products are summed in float32, and batch norm's
 * parameters and statistics, the loss, gradients of parameters and the optimizer's memory are float32.
 * @source NVIDIA apex's levels O0 to O3; torch.cuda.amp.GradScaler for the dynamic scale.
 */
import { z } from 'zod'
import { unless } from './fieldTypes.ts'
import type { Issue } from './issues.ts'

/** How a float tensor may be kept. */
export const storages = ['float32', 'bfloat16', 'float16'] as const
export type Storage = (typeof storages)[number]

/** Backends that compute in 16 bits; `auto` takes one of them where that is asked for. */
export const mixedBackends: readonly string[] = ['auto', 'torch']

const byLevel = 'by-level'

const LossScale = z
  .strictObject({
    mode: z
      .enum([byLevel, 'none', 'static', 'dynamic'])
      .default(byLevel)
      .meta({
        title: 'Loss scale',
        description:
          'Factor that keeps small float16 gradients from vanishing. none: 1; static: Scale throughout; ' +
          'dynamic: halved when a gradient overflows, and that step is left out; doubled after many clean steps',
      }),
    value: unless(
      'mode',
      ['none'],
      z
        .number()
        .min(1)
        .max(2 ** 40)
        .default(65536)
        .meta({
          title: 'Scale',
          description:
            'The static scale, or the first dynamic one. Recipes with a static scale use 128 to 1024',
        }),
    ),
    growthInterval: unless(
      'mode',
      ['none', 'static'],
      z.int().min(1).max(1_000_000).default(2000).meta({
        title: 'Grow after',
        description: 'Clean steps in a row after which a dynamic scale grows',
        unit: 'steps',
      }),
    ),
    growthFactor: unless(
      'mode',
      ['none', 'static'],
      z.number().gt(1).max(16).default(2).meta({
        title: 'Growth factor',
        description: 'By which a dynamic scale grows',
      }),
    ),
    backoff: unless(
      'mode',
      ['none', 'static'],
      z.number().gt(0).lt(1).default(0.5).meta({
        title: 'Back-off',
        description: 'By which a dynamic scale is multiplied after an overflow',
      }),
    ),
    max: unless(
      'mode',
      ['none', 'static'],
      z
        .number()
        .min(1)
        .max(2 ** 40)
        .default(2 ** 24)
        .meta({
          title: 'Largest scale',
          description: 'Beyond which a dynamic scale does not grow',
        }),
    ),
  })
  .prefault({})
  .meta({ title: 'Loss scale', description: 'Keeps small gradients above the smallest float16 number' })

export const PrecisionInput = z
  .strictObject({
    level: z
      .enum(['O0', 'O1', 'O2', 'O3'])
      .default('O0')
      .meta({
        title: 'Level',
        description:
          'O0: float32 throughout; O1: convolutions and matrix products in 16 bits; O2: activations kept in 16 bits too, ' +
          'master weights in float32; O3: weights in 16 bits as well. The other fields of this section override it',
      }),
    compute: z
      .enum([byLevel, ...storages])
      .default(byLevel)
      .meta({
        title: 'Products in',
        description:
          'What convolutions and matrix products are computed in; they are summed in float32. by-level: float32 for O0, else bfloat16',
      }),
    storage: z
      .enum([byLevel, ...storages])
      .default(byLevel)
      .meta({
        title: 'Activations in',
        description:
          'What activations and their gradients are kept in. by-level: as products for O2 and O3, else float32',
      }),
    weights: z.enum([byLevel, 'float32', 'as-products']).default(byLevel).meta({
      title: 'Weights in',
      description:
        'float32: master weights, to which small steps still add up; as-products: rounded to 16 bits after each step. by-level: as-products for O3 alone',
    }),
    lossScale: LossScale,
  })
  .prefault({})
  .meta({ title: 'Numeric precision', description: 'In how many bits the network is kept and computed' })

type PrecisionConfig = z.output<typeof PrecisionInput>

/** A precision with its level worked out. */
export interface Precision {
  readonly compute: Storage
  readonly storage: Storage
  readonly weights: Storage
  readonly lossScale: {
    readonly mode: 'none' | 'static' | 'dynamic'
    /** The static scale, or the first dynamic one; 1 without one. */
    readonly value: number
    /** In steps. */
    readonly growthInterval: number
    readonly growthFactor: number
    readonly backoff: number
    readonly max: number
  }
}

/** What a level and the fields that override it amount to. */
export function resolvePrecision({
  level,
  compute,
  storage,
  weights,
  lossScale,
}: PrecisionConfig): Precision {
  const products = compute === byLevel ? (level === 'O0' ? 'float32' : 'bfloat16') : compute
  const keepsHalf = level === 'O2' || level === 'O3'
  const isPure = weights === byLevel ? level === 'O3' : weights === 'as-products'
  const needsScale = level !== 'O3' && products === 'float16'
  const mode = lossScale.mode === byLevel ? (needsScale ? 'dynamic' : 'none') : lossScale.mode
  return {
    compute: products,
    storage: storage === byLevel ? (keepsHalf ? products : 'float32') : storage,
    weights: isPure ? products : 'float32',
    lossScale: { ...lossScale, mode, value: mode === 'none' ? 1 : lossScale.value },
  }
}

/** The storages that a precision asks of a backend. */
export function storagesOf({ compute, storage, weights }: Precision): readonly Storage[] {
  return [...new Set([compute, storage, weights])]
}

/** What no single field of a precision can know. */
export function precisionIssues(config: PrecisionConfig, backend: string): Issue[] {
  const { compute, storage, lossScale } = resolvePrecision(config)
  const issues: Issue[] = []
  if (storage !== 'float32' && storage !== compute) {
    const message = `expected float32 or ${compute}, as precision.compute is ${compute}, got ${storage}: what is kept in 16 bits is computed in the same`
    issues.push({ path: 'precision.storage', message })
  }
  if (lossScale.mode === 'dynamic' && lossScale.value > lossScale.max) {
    const message = `expected at most precision.lossScale.max (${lossScale.max}), got ${lossScale.value}`
    issues.push({ path: 'precision.lossScale.value', message })
  }
  if (compute !== 'float32' && !mixedBackends.includes(backend)) {
    const path = config.compute === byLevel ? 'precision.level' : 'precision.compute'
    const message = `the backend '${backend}' computes in float32 alone, not in ${compute}. Set precision.level to O0, or backend to torch (multigrain doctor says what it needs)`
    issues.push({ path, message })
  }
  return issues
}

/** Hyperbolic-tangent decay. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { finalLearningRate } from './shared/final.ts'
import { learningRateOption, warmupOptions, withWarmup } from './shared/warmup.ts'

const Options = z
  .strictObject({
    learningRate: learningRateOption,
    finalLearningRate,
    from: z.number().min(-50).max(50).default(-7).meta({
      title: 'From',
      description: 'Where on the curve the decay begins; the lower, the longer the rate stays high.',
    }),
    to: z.number().min(-50).max(50).default(3).meta({
      title: 'To',
      description: 'Where on the curve the decay ends; the higher, the longer the rate stays low.',
    }),
    ...warmupOptions,
  })
  .refine(({ from, to }) => from < to, { path: ['to'], message: 'expected more than from' })

export const tanh = entry({
  name: 'tanh',
  title: 'Hyperbolic tangent',
  summary: 'final + ½·(peak − final)·(1 − tanh(from + (to − from)·progress)).',
  source:
    "Hsueh et al. 2018, Stochastic Gradient Descent with Hyperbolic-Tangent Decay; timm's TanhLRScheduler",
  options: Options,
  create: options =>
    withWarmup(options, (_step, _length, progress) => {
      const { learningRate, finalLearningRate: final, from, to } = options
      return final + ((learningRate - final) * (1 - Math.tanh(from + (to - from) * progress))) / 2
    }),
})

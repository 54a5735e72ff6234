/** A learning rate that stays. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { learningRateOption, warmupOptions, withWarmup } from './shared/warmup.ts'

export const constant = entry({
  name: 'constant',
  title: 'Constant',
  summary: 'The same learning rate throughout, after an optional warm-up.',
  source: 'Goyal et al. 2017, Accurate, Large Minibatch SGD, §2.2 (gradual warm-up)',
  options: z.strictObject({ learningRate: learningRateOption, ...warmupOptions }),
  create: options => withWarmup(options, () => options.learningRate),
})

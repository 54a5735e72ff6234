/** Top-1 accuracy. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { topK } from './shared/ranking.ts'

export const top1 = entry({
  name: 'top1',
  title: 'Top-1 accuracy',
  summary: 'Share of images whose true class has the highest logit; ties count against the network.',
  source: 'Russakovsky et al. 2015, ImageNet Large Scale Visual Recognition Challenge, §4.1',
  options: z.strictObject({}),
  create: () => topK(1),
})

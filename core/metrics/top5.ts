/** Top-5 accuracy. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { topK } from './shared/ranking.ts'

export const top5 = entry({
  name: 'top5',
  title: 'Top-5 accuracy',
  summary: 'Share of images whose true class is among the 5 highest logits; ties count against the network.',
  source: 'Russakovsky et al. 2015, ImageNet Large Scale Visual Recognition Challenge, §4.1',
  options: z.strictObject({}),
  create: () => topK(5),
})

/** MultiGrain: one network for classes, instances and copies. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { backbone, backboneNames } from './shared/backbones.ts'
import { headOptions } from './shared/head.ts'

export const multigrain = entry({
  name: 'multigrain',
  title: 'MultiGrain',
  summary:
    'Any of the networks here with GeM pooling to one embedding, which serves the classifier and, normalised, retrieval. Train it with the loss multigrain and repeated augmentation.',
  source: 'Berman et al. 2019, MultiGrain: a unified image embedding for classes and instances',
  options: z.strictObject({
    backbone: z.enum(backboneNames).default('resnet50').meta({
      title: 'Backbone',
      description: 'The network in front of the pooling',
    }),
    ...headOptions,
    pooling: headOptions.pooling.default('gem'),
    zeroInitLastGamma: z.boolean().default(false).meta({
      title: 'Zero last gamma',
      description: 'Start the last batch norm of every residual branch at zero',
    }),
  }),
  create: ({ backbone: name, zeroInitLastGamma, ...head }) => backbone(name, head, zeroInitLastGamma),
})

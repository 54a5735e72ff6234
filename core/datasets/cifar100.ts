/** CIFAR-100, binary version. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { cifarReader } from './shared/cifar.ts'
import type { Reader } from './shared/reader.ts'

export const cifar100 = entry({
  name: 'cifar100',
  title: 'CIFAR-100 (binary)',
  summary: 'train.bin and test.bin, 32 × 32 colour images in 100 classes or 20 groups of classes.',
  source:
    'A. Krizhevsky 2009: Learning multiple layers of features from tiny images; cifar-100-binary.tar.gz',
  options: z.strictObject({
    labels: z.enum(['fine', 'coarse']).default('fine').meta({
      title: 'Labels',
      description: 'fine: the 100 classes. coarse: the 20 groups of five classes each.',
    }),
  }),
  create: ({ labels }): Reader =>
    cifarReader({
      name: 'cifar100',
      labelBytes: 2,
      labelAt: labels === 'fine' ? 1 : 0,
      classCount: labels === 'fine' ? 100 : 20,
      splitOf: name => (name === 'train.bin' ? 'train' : name === 'test.bin' ? 'test' : null),
      namesFile: `${labels}_label_names.txt`,
      example: 'train.bin and test.bin',
    }),
})

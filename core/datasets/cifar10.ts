/** CIFAR-10, binary version. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { cifarReader } from './shared/cifar.ts'
import type { Reader } from './shared/reader.ts'

export const cifar10 = entry({
  name: 'cifar10',
  title: 'CIFAR-10 (binary)',
  summary: 'data_batch_1.bin to data_batch_5.bin and test_batch.bin, 32 × 32 colour images in 10 classes.',
  source: 'A. Krizhevsky 2009: Learning multiple layers of features from tiny images; cifar-10-binary.tar.gz',
  options: z.strictObject({}),
  create: (): Reader =>
    cifarReader({
      name: 'cifar10',
      labelBytes: 1,
      labelAt: 0,
      classCount: 10,
      splitOf: name =>
        /^data_batch_\d+\.bin$/.test(name) ? 'train' : name === 'test_batch.bin' ? 'test' : null,
      namesFile: 'batches.meta.txt',
      example: 'data_batch_1.bin and test_batch.bin',
    }),
})

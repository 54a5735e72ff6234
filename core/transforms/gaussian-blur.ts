/** Blurs images at random. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { blur } from './shared/blur.ts'
import type { Transform } from './shared/transform.ts'

export const gaussianBlur = entry({
  name: 'gaussian-blur',
  title: 'Gaussian blur',
  summary: 'Blurs the image by a random amount, with a given probability.',
  source: 'torchvision.transforms.GaussianBlur; Chen et al. 2020, SimCLR',
  options: z
    .strictObject({
      kernelSize: z.int().min(1).max(255).default(23).meta({
        title: 'Kernel size',
        description: 'Width of the window, an odd number. SimCLR takes a tenth of the image.',
        unit: 'pixels',
      }),
      minSigma: z.number().min(0.01).max(100).default(0.1).meta({
        title: 'Least blur',
        description: 'Smallest standard deviation of the bell curve.',
        unit: 'pixels',
      }),
      maxSigma: z.number().min(0.01).max(100).default(2).meta({
        title: 'Most blur',
        description: 'Largest standard deviation of the bell curve.',
        unit: 'pixels',
      }),
      probability: z.number().min(0).max(1).default(0.5).meta({
        title: 'Probability',
        description: 'Share of images that are blurred.',
      }),
    })
    .refine(({ kernelSize }) => kernelSize % 2 === 1, {
      path: ['kernelSize'],
      message: 'expected an odd number',
    })
    .refine(({ minSigma, maxSigma }) => minSigma <= maxSigma, {
      path: ['minSigma'],
      message: 'expected at most maxSigma',
    }),
  create: ({ kernelSize, minSigma, maxSigma, probability }): Transform => ({
    apply: (image, random) => {
      const [applied, share] = [random(), random()]
      return applied < probability ? blur(image, kernelSize, minSigma + share * (maxSigma - minSigma)) : image
    },
  }),
})

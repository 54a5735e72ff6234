/** Cuts a random part as Inception's training does and resizes it. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { chooseDistorted } from './shared/chooseDistorted.ts'
import { plainPart, resizedPart } from './shared/geometry.ts'
import { resample } from './shared/resample.ts'
import { resizeLikeTensorFlow, tensorFlowMethods } from './shared/tensorFlowResize.ts'
import type { Transform } from './shared/transform.ts'

const share = (title: string, description: string, value: number) =>
  z.number().min(0.001).max(1).default(value).meta({ title, description })
const ratio = (title: string, description: string, value: number) =>
  z.number().min(0.1).max(10).default(value).meta({ title, description })

export const distortedCrop = entry({
  name: 'distorted-crop',
  title: 'Distorted crop',
  summary:
    'Cuts out a part of random height and shape and resizes it to the input size, as Inception’s training does.',
  source:
    'Szegedy et al. 2015; tf.image.sample_distorted_bounding_box as used by slim’s inception_preprocessing, without boxes',
  options: z
    .strictObject({
      minArea: share('Smallest area', 'Smallest part of the image, as a share of its area.', 0.05),
      maxArea: share('Largest area', 'Largest part of the image, as a share of its area.', 1),
      minRatio: ratio('Narrowest shape', 'Smallest width divided by height, before resizing.', 0.75),
      maxRatio: ratio('Widest shape', 'Largest width divided by height, before resizing.', 1.33),
      minCovered: z.number().min(0).max(1).default(0.1).meta({
        title: 'Covered share',
        description:
          'Parts that show less of the image are drawn again. With slim’s 0.1, areas below a tenth do not occur.',
      }),
      resizing: z.enum(['antialiased', 'bilinear', 'one-of-four']).default('antialiased').meta({
        title: 'Resizing',
        description:
          'antialiased: as the other transforms, and fastest on JPEG images. bilinear: as TensorFlow’s fast mode, without antialiasing. one-of-four: as its full mode, bilinear, nearest, bicubic or area.',
      }),
      scaledDecoding: z.boolean().default(true).meta({
        title: 'Scaled decoding',
        description:
          'With antialiased resizing: decode JPEG images at a half, a quarter or an eighth of their size where the part stays at least twice the input size.',
      }),
    })
    .refine(({ minArea, maxArea }) => minArea <= maxArea, {
      path: ['minArea'],
      message: 'expected at most maxArea',
    })
    .refine(({ minRatio, maxRatio }) => minRatio <= maxRatio, {
      path: ['minRatio'],
      message: 'expected at most maxRatio',
    }),
  create: ({ resizing, scaledDecoding, ...ranges }): Transform => ({
    apply: (image, random, { width, height }) => {
      const drawn = random()
      const box = chooseDistorted(image, random, ranges)
      if (resizing === 'antialiased') return resample(image, box, width, height)
      const method = resizing === 'bilinear' ? 'bilinear' : tensorFlowMethods[Math.floor(drawn * 4)]!
      return resizeLikeTensorFlow(image, box, { width, height }, method)
    },
    geometry: (before, random, size) => {
      const seen = resizing === 'antialiased' ? plainPart(before) : null
      if (!seen) return null
      random() // which method `apply` would take
      return resizedPart(seen, chooseDistorted(seen, random, ranges), size, scaledDecoding)
    },
  }),
})

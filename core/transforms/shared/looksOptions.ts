/** Options of transforms that move images: how places between pixels are looked up, and what comes in from outside. */
import { z } from 'zod'

export const fillOption = z
  .array(z.int().min(0).max(255))
  .min(1)
  .max(3)
  .refine(values => values.length !== 2, 'expected one value for all channels, or three')
  .default([0])
  .meta({
    title: 'Fill',
    description:
      'What comes in from outside the image: one grey level, or red, green and blue, from 0 to 255.',
  })

export const interpolationOption = z.enum(['nearest', 'bilinear', 'bicubic']).default('nearest').meta({
  title: 'Interpolation',
  description: 'How pixels are looked up where the image is moved by parts of a pixel.',
})

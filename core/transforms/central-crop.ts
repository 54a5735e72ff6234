/** Cuts a share out of the middle and stretches it to the input size: Inception's evaluation. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { plainPart, resizedPart } from './shared/geometry.ts'
import { resample, type Box } from './shared/resample.ts'
import { resizeLikeTensorFlow } from './shared/tensorFlowResize.ts'
import type { Image, Transform } from './shared/transform.ts'

export const centralCrop = entry({
  name: 'central-crop',
  title: 'Central crop',
  summary: 'Cuts a share of each side out of the middle and stretches it to the input size.',
  source: 'tf.image.central_crop and resize_bilinear, as in slim’s inception_preprocessing',
  options: z.strictObject({
    fraction: z.number().min(0.01).max(1).default(0.875).meta({
      title: 'Share',
      description: 'How much of each side is kept. 0.875 is slim’s.',
    }),
    resizing: z.enum(['bilinear', 'antialiased']).default('bilinear').meta({
      title: 'Resizing',
      description:
        'bilinear: as TensorFlow’s, without antialiasing. antialiased: as the other transforms, and faster on JPEG images.',
    }),
  }),
  create: ({ fraction, resizing }): Transform => ({
    apply: (image, _random, size) => {
      const box = middle(image, fraction)
      if (resizing === 'antialiased') return resample(image, box, size.width, size.height)
      return resizeLikeTensorFlow(image, box, size, 'bilinear')
    },
    geometry: (before, _random, size) => {
      const seen = resizing === 'antialiased' ? plainPart(before) : null
      return seen && resizedPart(seen, middle(seen, fraction), size, false)
    },
  }),
})

function middle({ width, height }: Pick<Image, 'width' | 'height'>, fraction: number): Box {
  const x = Math.trunc((width - width * fraction) / 2)
  const y = Math.trunc((height - height * fraction) / 2)
  return { x, y, width: width - 2 * x, height: height - 2 * y }
}

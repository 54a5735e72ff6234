/** Changes colours along the directions in which the colours of ImageNet vary most. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { mappedByChannel } from './shared/tables.ts'
import { normalPair } from './shared/normal.ts'
import type { Transform } from './shared/transform.ts'

/** Of the covariance of ImageNet's pixels on the scale 0 to 1; rows red, green, blue. */
const values = [0.2175, 0.0188, 0.0045] as const
const vectors = [
  [-0.5675, 0.7192, 0.4009],
  [-0.5808, -0.0045, -0.814],
  [-0.5836, -0.6948, 0.4203],
] as const

export const pcaLighting = entry({
  name: 'pca-lighting',
  title: 'PCA lighting',
  summary: 'Adds to all pixels a random colour, drawn as the colours of ImageNet vary.',
  source:
    'Krizhevsky et al. 2012, section 4.1, with the numbers of fb.resnet.torch; Berman et al. 2019 divide by 1.1 afterwards',
  options: z.strictObject({
    strength: z.number().min(0).max(2).default(0.1).meta({
      title: 'Strength',
      description: 'Standard deviation of the random factors.',
    }),
    divisor: z.number().min(1).max(4).default(1).meta({
      title: 'Divisor',
      description:
        'Values are divided by it before they are cut off at white, so that fewer are: 1.1 in MultiGrain.',
    }),
  }),
  create: ({ strength, divisor }): Transform => ({
    apply: (image, random) => {
      const [first, second] = normalPair(random)
      const [third] = normalPair(random)
      const factors = [first * values[0], second * values[1], third * values[2]] as const
      const shifts = vectors.map(
        ([one, two, three]) => strength * (factors[0] * one + factors[1] * two + factors[2] * three),
      )
      const grey = shifts.reduce((sum, shift) => sum + shift, 0) / 3
      return mappedByChannel(
        image,
        (image.channels === 1 ? [grey] : shifts).map(shift => shifted(shift, divisor)),
      )
    },
  }),
})

/** (v/255 + shift) / divisor, cut off and rounded to whole grey levels once. */
function shifted(shift: number, divisor: number): Uint8Array {
  const exact = (value: number): number => (value + 255 * shift) / divisor
  return Uint8Array.from({ length: 256 }, (_, value) => Math.round(Math.min(Math.max(exact(value), 0), 255)))
}

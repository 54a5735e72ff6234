/** Changes brightness, contrast, saturation and hue by random amounts, in random order. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { brightness, contrast, hue, saturation } from './shared/colour.ts'
import type { Image, Random, Transform } from './shared/transform.ts'

const strength = (title: string, description: string) =>
  z
    .number()
    .min(0)
    .max(4)
    .default(0.4)
    .meta({ title, description: `${description} 0.4 means a factor from 0.6 to 1.4; 0 switches it off.` })

export const colorJitter = entry({
  name: 'color-jitter',
  title: 'Colour jitter',
  summary: 'Changes brightness, contrast, saturation and hue by random amounts, in random order.',
  source: 'torchvision.transforms.ColorJitter, on Pillow images',
  options: z.strictObject({
    brightness: strength('Brightness', 'How far the brightness may change.'),
    contrast: strength('Contrast', 'How far the contrast may change.'),
    saturation: strength('Saturation', 'How far the saturation may change.'),
    hue: z.number().min(0).max(0.5).default(0).meta({
      title: 'Hue',
      description:
        'How far the hue may turn either way, in parts of a full turn of the colour circle. 0 switches it off.',
    }),
  }),
  create: options => {
    const steps: Step[] = [
      { amount: options.brightness, apply: (image, u) => brightness(image, factor(options.brightness, u)) },
      { amount: options.contrast, apply: (image, u) => contrast(image, factor(options.contrast, u)) },
      { amount: options.saturation, apply: (image, u) => saturation(image, factor(options.saturation, u)) },
      { amount: options.hue, apply: (image, u) => hue(image, (2 * u - 1) * options.hue) },
    ]
    return { apply: (image, random) => applyInRandomOrder(image, random, steps) } satisfies Transform
  },
})

interface Step {
  readonly amount: number
  /** @param u uniform in [0, 1) */
  apply(image: Image, u: number): Image
}

/** Draws the same numbers whether a step is on or off. */
function applyInRandomOrder(image: Image, random: Random, steps: readonly Step[]): Image {
  const drawn = steps.map(step => ({ step, place: random(), u: random() }))
  return drawn
    .sort((one, other) => one.place - other.place)
    .filter(({ step }) => step.amount > 0)
    .reduce((changed, { step, u }) => step.apply(changed, u), image)
}

/** Uniform from max(0, 1 - amount) to 1 + amount. */
function factor(amount: number, u: number): number {
  const least = Math.max(0, 1 - amount)
  return least + u * (1 + amount - least)
}

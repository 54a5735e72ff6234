/** Changes brightness, saturation, hue and contrast as Inception's training does. */
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { addBrightness, scaleContrast, scaleSaturation, turnHue } from './shared/floatColour.ts'
import type { Random, Transform } from './shared/transform.ts'

type Step = 'brightness' | 'saturation' | 'hue' | 'contrast'

const orders: Readonly<Record<'full' | 'fast' | 'fixed', readonly (readonly Step[])[]>> = {
  full: [
    ['brightness', 'saturation', 'hue', 'contrast'],
    ['saturation', 'brightness', 'contrast', 'hue'],
    ['contrast', 'hue', 'brightness', 'saturation'],
    ['hue', 'saturation', 'contrast', 'brightness'],
  ],
  fast: [
    ['brightness', 'saturation'],
    ['saturation', 'brightness'],
    ['saturation', 'brightness'],
    ['saturation', 'brightness'],
  ],
  fixed: [['brightness', 'saturation']],
}

export const inceptionColour = entry({
  name: 'inception-colour',
  title: 'Inception colours',
  summary:
    'Changes brightness, saturation, hue and contrast in one of four orders, cut off at black and white in the end.',
  source: 'slim’s inception_preprocessing.distort_color',
  options: z.strictObject({
    mode: z.enum(['full', 'fast', 'fixed']).default('full').meta({
      title: 'Mode',
      description:
        'full: all four changes in one of four orders. fast: brightness and saturation, in that order for a quarter of the images. fixed: always in that order, as the Ascend port does.',
    }),
  }),
  create: ({ mode }): Transform => ({
    apply: (image, random) => {
      const choices = orders[mode]
      const order = choices[Math.floor(random() * choices.length)]!
      const amounts = drawAmounts(random)
      const values = Float32Array.from(image.data, value => value / 255) // [H,W,C]
      for (const step of order) changes[step](values, image.channels, amounts[step])
      const data = new Uint8Array(values.length)
      for (let at = 0; at < data.length; at++) data[at] = Math.min(Math.max(values[at]!, 0), 1) * 255 + 0.5
      return { ...image, data }
    },
  }),
})

const changes = {
  brightness: addBrightness,
  saturation: scaleSaturation,
  hue: turnHue,
  contrast: scaleContrast,
} as const

function drawAmounts(random: Random): Readonly<Record<Step, number>> {
  const between = (least: number, most: number): number => least + random() * (most - least)
  return {
    brightness: between(-32 / 255, 32 / 255),
    saturation: between(0.5, 1.5),
    hue: between(-0.2, 0.2),
    contrast: between(0.5, 1.5),
  }
}

/** The operations that automatic augmentation chooses from, by name, each with one number. */
import { affine, rotate, type Looks } from './affine.ts'
import { brightness, contrast, saturation } from './colour.ts'
import { autoContrast, equalize, invert, posterize, solarize, solarizeAdd } from './lookup.ts'
import { sharpness } from './sharpness.ts'
import type { Image } from './transform.ts'

type Apply = (image: Image, argument: number, looks: Looks) => Image

/** What the number means stands beside each; those without one leave it unread. */
export const operations = {
  identity: image => image,
  /** Columns by row: how far the source moves right with each row. */
  'shear-x': (image, factor, looks) => affine(image, [1, factor, 0, 0, 1, 0], looks),
  'shear-y': (image, factor, looks) => affine(image, [1, 0, 0, factor, 1, 0], looks),
  /** Pixels to the right at which the source is looked up: the image moves left. */
  'translate-x': (image, pixels, looks) => affine(image, [1, 0, pixels, 0, 1, 0], looks),
  'translate-y': (image, pixels, looks) => affine(image, [1, 0, 0, 0, 1, pixels], looks),
  /** Degrees counter-clockwise. */
  rotate: (image, degrees, looks) => rotate(image, degrees, looks),
  /** Factors: 1 keeps the image. */
  brightness,
  colour: saturation,
  contrast,
  sharpness,
  /** Bits kept. */
  posterize,
  /** Threshold from which values are inverted. */
  solarize,
  /** Amount added below 128. */
  'solarize-add': solarizeAdd,
  'auto-contrast': autoContrast,
  equalize,
  invert,
} satisfies Record<string, Apply>

export type OperationName = keyof typeof operations

export interface Operation {
  readonly name: OperationName
  readonly argument: number
}

export function applyOperation(image: Image, { name, argument }: Operation, looks: Looks): Image {
  return operations[name](image, argument, looks)
}

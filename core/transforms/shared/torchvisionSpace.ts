/**
 * How strong each operation is at each of some bins of magnitude, as torchvision has it.
 *
 * @source torchvision.transforms.autoaugment: `_augmentation_space` of AutoAugment, RandAugment and TrivialAugmentWide, `_apply_op`
 */
import type { Operation, OperationName } from './operations.ts'
import type { Image } from './transform.ts'

/** The largest magnitudes; a number of bins lies between none of it and these. */
interface Space {
  readonly shear: number
  /** Pixels for an image of this side. */
  readonly translate: (side: number) => number
  readonly rotate: number
  /** Of brightness, colour, contrast and sharpness. */
  readonly enhance: number
  /** Bits that go. */
  readonly posterize: number
}

/** Of AutoAugment and RandAugment. */
export const usualSpace: Space = {
  shear: 0.3,
  translate: side => Math.fround((150 / 331) * side),
  rotate: 30,
  enhance: 0.9,
  posterize: 4,
}

export const wideSpace: Space = { shear: 0.99, translate: () => 32, rotate: 135, enhance: 0.99, posterize: 6 }

/** From which RandAugment and TrivialAugment choose; AutoAugment's policies also invert. */
export const chosenFrom = [
  ...(['identity', 'shear-x', 'shear-y', 'translate-x', 'translate-y', 'rotate', 'brightness'] as const),
  ...(['colour', 'contrast', 'sharpness', 'posterize', 'solarize', 'auto-contrast', 'equalize'] as const),
] as const satisfies readonly OperationName[]

/**
 * An operation at a magnitude.
 * @param bin 0 to bins - 1
 * @param isNegative the other way, where there is one
 */
export function atMagnitude(
  name: OperationName,
  space: Space,
  { width, height }: Pick<Image, 'width' | 'height'>,
  ...[bin, bins, isNegative]: [number, number, boolean]
): Operation {
  const signed = (most: number): number => (isNegative ? -1 : 1) * linspace(0, most, bins, bin)
  switch (name) {
    case 'shear-x':
    case 'shear-y':
      return { name, argument: Math.tan(Math.atan(signed(space.shear))) }
    case 'translate-x':
      return { name, argument: -Math.trunc(signed(space.translate(width))) }
    case 'translate-y':
      return { name, argument: -Math.trunc(signed(space.translate(height))) }
    case 'rotate':
      return { name, argument: signed(space.rotate) }
    case 'brightness':
    case 'colour':
    case 'contrast':
    case 'sharpness':
      return { name, argument: 1 + signed(space.enhance) }
    case 'posterize':
      return { name, argument: 8 - Math.round(bin / ((bins - 1) / space.posterize)) }
    case 'solarize':
      return { name, argument: linspace(255, 0, bins, bin) }
    default:
      return { name, argument: 0 }
  }
}

/** torch.linspace in single precision, from both ends to the middle. */
function linspace(start: number, end: number, count: number, at: number): number {
  const f = Math.fround
  const step = f(f(f(end) - f(start)) / (count - 1))
  if (at < Math.floor(count / 2)) return f(f(start) + f(step * at))
  return f(f(end) - f(step * (count - at - 1)))
}

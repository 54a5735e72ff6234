/**
 * How strong each operation is at a level from 0 to 10, as timm has it.
 *
 * @source timm.data.auto_augment: the level functions, `_RAND_TRANSFORMS` and `_RAND_INCREASING_TRANSFORMS`
 */
import type { Operation, OperationName } from './operations.ts'
import type { Image } from './transform.ts'

/** From which timm's RandAugment chooses. */
export const timmOperations = [
  ...(['auto-contrast', 'equalize', 'invert', 'rotate', 'posterize', 'solarize', 'solarize-add'] as const),
  ...(['colour', 'contrast', 'brightness', 'sharpness', 'shear-x', 'shear-y'] as const),
  ...(['translate-x', 'translate-y'] as const),
] as const satisfies readonly OperationName[]

const highestLevel = 10
/** Of a side. */
const farthest = 0.45

/**
 * An operation at a level.
 * @param isIncreasing whether every operation grows with the level; otherwise some weaken, as in the first implementations
 * @param isNegative the other way, where there is one
 */
export function atLevel(
  name: OperationName,
  { width, height }: Pick<Image, 'width' | 'height'>,
  ...[level, isIncreasing, isNegative]: [number, boolean, boolean]
): Operation {
  const share = level / highestLevel
  const sign = isNegative ? -1 : 1
  switch (name) {
    case 'rotate':
      return { name, argument: sign * share * 30 }
    case 'shear-x':
    case 'shear-y':
      return { name, argument: sign * share * 0.3 }
    case 'translate-x':
      return { name, argument: sign * share * farthest * width }
    case 'translate-y':
      return { name, argument: sign * share * farthest * height }
    case 'brightness':
    case 'colour':
    case 'contrast':
    case 'sharpness':
      return { name, argument: isIncreasing ? Math.max(0.1, 1 + sign * share * 0.9) : share * 1.8 + 0.1 }
    case 'posterize':
      return { name, argument: isIncreasing ? 4 - Math.trunc(share * 4) : Math.trunc(share * 4) }
    case 'solarize': {
      const threshold = Math.min(256, Math.trunc(share * 256))
      return { name, argument: isIncreasing ? 256 - threshold : threshold }
    }
    case 'solarize-add':
      return { name, argument: Math.min(128, Math.trunc(share * 110)) }
    default:
      return { name, argument: 0 }
  }
}

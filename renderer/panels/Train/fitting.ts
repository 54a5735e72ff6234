/** Which preset suits the images of a data set, and whether a configuration does. */
import type { DatasetSummary, PresetInfo } from '../../../core/contract/index.ts'
import { t } from '../../language/index.ts'
import { getAt, setAt, type Config } from './paths.ts'

type ImageSize = DatasetSummary['imageSize']

export interface Misfit {
  readonly title: string
  readonly text: string
  /** What suits the images better. */
  readonly preset: PresetInfo
  /** Whether that is what the settings began from: then it is their input that was changed. */
  readonly isChosen: boolean
}

/** Images of the wrong number of channels are worse than images of twice the size. */
const channelCost = 1
/** A preset is worth naming when the images are closer to its size by this factor. */
const notableCost = Math.log(1.9)
/** One for each kind of images, with the smallest network: it is the one to try things out with. */
const firstChoices = ['sample', 'cifar10-resnet20', 'imagenet-resnet18']

/** The preset whose images are most like those of the data set; undefined while nothing is known of them. */
export function fittingPreset(size: ImageSize, presets: readonly PresetInfo[]): PresetInfo | undefined {
  if (!size) return undefined
  const rated = presets
    .filter(preset => firstChoices.includes(preset.name))
    .map(preset => ({ preset, cost: costOf(size, preset.config) }))
  return rated.sort((a, b) => a.cost - b.cost)[0]?.preset
}

/**
 * What speaks against a configuration for images of this size; null when nothing does, or nothing better is known.
 * @param chosen name of the preset that the configuration began from
 */
export function misfitOf(
  size: ImageSize,
  config: Record<string, unknown>,
  presets: readonly PresetInfo[],
  chosen = '',
): Misfit | null {
  const preset = fittingPreset(size, presets)
  if (!size || !preset || costOf(size, config) - costOf(size, preset.config) < notableCost) return null
  const images = `${size.width} × ${size.height} ${colour(size.channels)}`
  const words = { images, input: inputText(config), preset: t(preset.title), own: inputText(preset.config) }
  const isChosen = preset.name === chosen
  return {
    ...{ preset, isChosen },
    title: isChosen ? t('The size of the input was changed') : t('These settings are made for other images'),
    text: isChosen
      ? t(
          'The images of this data set are {images}; the network would get them as {input}. “{preset}” takes {own}.',
          words,
        )
      : t(
          'The images of this data set are {images}; the network would get them as {input}. “{preset}” fits better.',
          words,
        ),
  }
}

function inputText(config: Record<string, unknown>): string {
  const edge = Number(getAt(config, 'input.size'))
  return `${edge} × ${edge} ${colour(Number(getAt(config, 'input.channels')))}`
}

/** Fewer steps than this in an epoch teach little, and one step more or less is much. */
const leastSteps = 4

/** Images of a data set that a configuration trains on, about; 0 while it has none. */
export function trainImages({ splits }: Pick<DatasetSummary, 'splits'>, config: Config): number {
  const count = splits.find(({ name }) => name === 'train')?.count ?? 0
  const isApart = splits.some(({ name, count: size }) => name !== 'train' && size > 0)
  return isApart ? count : Math.floor(count * (1 - Number(getAt(config, 'data.validationFraction') ?? 0)))
}

/**
 * A configuration whose batch suits so many images: halved until an epoch has some steps, as long as ranks, parts and repeats share it
 * evenly. The learning rate goes with it.
 */
export function fitBatch(config: Config, imageCount: number): Config {
  if (imageCount === 0) return config
  const own = Number(getAt(config, 'training.batchSize'))
  const numberAt = (path: string): number => Number(getAt(config, path) ?? 1) || 1
  const sharing = [
    numberAt('training.ranks') * numberAt('training.accumulate'),
    numberAt('sampler.options.repeats'),
    numberAt('sampler.options.imagesPerClass'),
  ].filter(each => own % each === 0)
  const isShared = (batch: number): boolean => sharing.every(each => batch % each === 0)
  let batch = own
  while (batch * leastSteps > imageCount && batch % 2 === 0 && isShared(batch / 2)) batch /= 2
  if (batch === own) return config
  const smaller = setAt(config, 'training.batchSize', batch)
  if (getAt(config, 'training.scaleLearningRate') !== 'none') return smaller
  return setAt(setAt(smaller, 'training.scaleLearningRate', 'linear'), 'training.referenceBatchSize', own)
}

/** Zero where the input is as the images are; one more for each factor of e between their edges. */
function costOf(size: NonNullable<ImageSize>, config: Record<string, unknown>): number {
  const edge = Number(getAt(config, 'input.size'))
  const channels = Number(getAt(config, 'input.channels'))
  if (!(edge > 0) || !(size.width > 0) || !(size.height > 0)) return 0
  const between = Math.abs(Math.log(Math.sqrt(size.width * size.height) / edge))
  return between + (channels === size.channels ? 0 : channelCost)
}

function colour(channels: number): string {
  return channels === 1 ? t('grey') : t('colour')
}

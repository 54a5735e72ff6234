/** From one sample of a data set to the network's input: read, decode, augment. */
import { AppError } from '../errors/index.ts'
import type { Sample, Split } from '../datasets/shared/reader.ts'
import { transforms } from '../transforms/index.ts'
import type { Image, Random, Transform } from '../transforms/shared/transform.ts'
import { decodeImage, withChannels } from './decode.ts'
import { jpegBinding } from './jpeg/decoder.ts'
import { makeJpeg } from './jpeg/makeJpeg.ts'
import { randomStream } from './random.ts'
import type { LoaderOptions } from './types.ts'

/** What decides how a sample looks to the network. */
export type ItemOptions = Pick<
  LoaderOptions,
  'transforms' | 'width' | 'height' | 'channels' | 'seed' | 'decoder'
>

/** One sample to prepare; the result is a pure function of this and the options. */
export interface Item {
  readonly index: number
  readonly epoch: number
  /** Different for each use of a sample in an epoch. */
  readonly copy: number
}

/** What went wrong with an image, or null. */
export type ItemProblem = string | null

/** Writes one image, uint8 [height, width, channels], into `target`; gives the problem of a bad image. */
export type PrepareItem = (item: Item, target: Uint8Array) => Promise<ItemProblem>

/** @throws AppError invalid-config when a transform's options are wrong; backend-unavailable without the decoder asked for. */
export function itemPreparer(options: ItemOptions, split: Split): PrepareItem {
  const steps = options.transforms.map((choice, at) => transforms.create(choice, `transforms[${at}]`))
  const binding = jpegBinding(options.decoder)
  const finish = (augmented: Image, target: Uint8Array): null => {
    if (augmented.width !== options.width || augmented.height !== options.height)
      throw wrongSize(augmented, options)
    if (augmented.data !== target) target.set(augmented.data)
    return null
  }
  return async ({ index, epoch, copy }, target) => {
    const randomness = (): Random => randomStream(options.seed, epoch, index, copy)
    let image: Image
    try {
      // Items are prepared one after the other: nobody holds the bytes when the next are read.
      const sample = split.readBriefly?.(index) ?? (await split.read(index))
      if (binding && sample.kind === 'encoded') {
        const random = randomness()
        const made = makeJpeg(binding, sample.bytes, options.channels, steps, random, options, target)
        if (made) return finish(await applyAll(steps.slice(made.done), made.image, random, options), target)
      }
      image = await decoded(sample, options.channels, split.name(index))
    } catch (thrown) {
      return problemOf(thrown)
    }
    return finish(await applyAll(steps, image, randomness(), options), target)
  }
}

/** A sample as an image with the channels asked. @throws AppError data-invalid */
async function decoded(sample: Sample, channels: 1 | 3, name: string): Promise<Image> {
  if (sample.kind === 'encoded') return decodeImage(sample.bytes, channels, name)
  const { data, width, height, channels: given } = sample.image
  return withChannels(data, width, height, given, channels)
}

async function applyAll(
  steps: readonly Transform[],
  image: Image,
  random: Random,
  context: ItemOptions,
): Promise<Image> {
  let augmented = image
  for (const step of steps) {
    const made = step.apply(augmented, random, context)
    augmented = made instanceof Promise ? await made : made
  }
  return augmented
}

/** Bad images are part of life and are counted; anything else is a defect and goes up. */
function problemOf(thrown: unknown): string {
  if (thrown instanceof AppError && (thrown.code === 'data-invalid' || thrown.code === 'data-unreadable')) {
    return typeof thrown.details['problem'] === 'string' ? thrown.details['problem'] : thrown.message
  }
  throw thrown
}

function wrongSize(image: Image, { width, height }: ItemOptions): AppError {
  const message =
    `transforms: they give ${image.width} × ${image.height} pixels, the network takes ${width} × ${height}. ` +
    'End them with center-crop, resize-exact, pad-and-crop or random-resized-crop'
  return new AppError('invalid-config', message, {
    field: 'transforms',
    expected: [width, height],
    got: [image.width, image.height],
  })
}

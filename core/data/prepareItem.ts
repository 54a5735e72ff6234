/** From one sample of a data set to the network's input: read, decode, augment. */
import { AppError } from '../errors/index.ts'
import type { Split } from '../datasets/shared/reader.ts'
import { transforms } from '../transforms/index.ts'
import type { Image, Transform } from '../transforms/shared/transform.ts'
import { decodeImage, withChannels } from './decode.ts'
import { randomStream } from './random.ts'
import type { LoaderOptions } from './types.ts'

/** One sample to prepare; the result is a pure function of this and the options. */
export interface Item {
  readonly index: number
  readonly epoch: number
  /** 0, or how many samples of the order it stands in for. */
  readonly copy: number
}

/** What went wrong with an image, or null. */
export type ItemProblem = string | null

/** Writes one image, uint8 [height, width, channels], into `target`; gives the problem of a bad image. */
export type PrepareItem = (item: Item, target: Uint8Array) => Promise<ItemProblem>

/** @throws AppError invalid-config when a transform's options are wrong. */
export function itemPreparer(options: LoaderOptions, split: Split): PrepareItem {
  const steps = options.transforms.map((choice, at) => transforms.create(choice, `transforms[${at}]`))
  return async ({ index, epoch, copy }, target) => {
    let image: Image
    try {
      image = await readImage(split, index, options.channels)
    } catch (thrown) {
      return problemOf(thrown)
    }
    const augmented = await applyAll(steps, image, options, epoch, index, copy)
    if (augmented.width !== options.width || augmented.height !== options.height)
      throw wrongSize(augmented, options)
    target.set(augmented.data)
    return null
  }
}

/** A sample as an image with the channels asked. @throws AppError data-invalid or data-unreadable */
export async function readImage(split: Split, index: number, channels: 1 | 3): Promise<Image> {
  const sample = await split.read(index)
  if (sample.kind === 'encoded') return decodeImage(sample.bytes, channels, split.name(index))
  const { data, width, height, channels: given } = sample.image
  return withChannels(data, width, height, given, channels)
}

async function applyAll(
  steps: readonly Transform[],
  image: Image,
  context: LoaderOptions,
  ...[epoch, index, copy]: [number, number, number]
): Promise<Image> {
  const random = randomStream(context.seed, epoch, index, copy)
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

function wrongSize(image: Image, { width, height }: LoaderOptions): AppError {
  const message =
    `transforms: they give ${image.width} × ${image.height} pixels, the network takes ${width} × ${height}. ` +
    'End them with center-crop, resize-exact, pad-and-crop or random-resized-crop'
  return new AppError('invalid-config', message, {
    field: 'transforms',
    expected: [width, height],
    got: [image.width, image.height],
  })
}

/** How a decoded image is shown to a network in evaluation: at which size, whole or cropped, once or several times. */
import { AppError } from '../errors/index.ts'
import type { RunConfig } from '../experiment/index.ts'
import { transforms } from '../transforms/index.ts'
import { resample } from '../transforms/shared/resample.ts'
import type { Image, Transform } from '../transforms/shared/transform.ts'
import { window } from '../transforms/shared/window.ts'

export interface View {
  /** Side of the square, or the largest side; the run's input size when left out. */
  readonly size?: number | undefined
  /**
   * `square`: the run's own evaluation transforms, lengths scaled with the size. `rect`: the largest side becomes the size and nothing is
   * cut off, as MultiGrain tests.
   */
  readonly resize?: 'square' | 'rect' | undefined
  /** Parts of each image that are judged together: 1; 5, the corners and the middle; or 10, these and their mirror images. */
  readonly crops?: 1 | 5 | 10 | undefined
}

/** What a view makes of an image, in the order of its crops. All have one size. */
export type Viewer = (image: Image) => Promise<readonly Image[]>

/** Length of the shorter side that goes with a crop of 224. */
const usualShorterSide = 256 / 224
export const leastSize = 8
export const largestSize = 2048

/** @throws AppError invalid-request for a size out of range, or crops of images that are not cut. */
export function viewer(config: RunConfig, view: View): Viewer {
  const size = sizeOf(config, view)
  const { resize = 'square', crops = 1 } = view
  if (resize === 'rect') {
    if (crops > 1) throw conflict('crops', crops, 'resize rect cuts nothing off. Use square')
    return image => Promise.resolve([fitted(image, size)])
  }
  const steps = scaledTransforms(config, size)
  if (crops === 1) return async image => [await applied(image, steps.map(makeStep), size)]
  // What comes before the run's own crop; without one, the usual resize.
  const at = steps.findIndex(({ name }) => name === 'center-crop')
  const before =
    at >= 0
      ? steps.slice(0, at)
      : [{ name: 'resize', options: { shorterSide: Math.round(size * usualShorterSide) } }]
  return async image => cropsOf(await applied(image, before.map(makeStep), size), size, crops)
}

/** The run's input size unless the view says otherwise. @throws AppError invalid-request */
export function sizeOf({ input }: RunConfig, { size = input.size }: View): number {
  if (Number.isInteger(size) && size >= leastSize && size <= largestSize) return size
  const message = `size: expected an integer from ${leastSize} to ${largestSize}, got ${size}`
  throw new AppError('invalid-request', message, { field: 'size', value: size })
}

/** The run's evaluation transforms with lengths in proportion to another input size. */
export function scaledTransforms(config: RunConfig, size: number): RunConfig['transforms']['eval'] {
  return config.transforms.eval.map(step => {
    const { shorterSide } = step.options
    if (typeof shorterSide !== 'number' || size === config.input.size) return step
    const scaled = Math.max(1, Math.round((shorterSide * size) / config.input.size))
    return { ...step, options: { ...step.options, shorterSide: scaled } }
  })
}

/** The image with its largest side of a given length, whole. */
export function fitted(image: Image, size: number): Image {
  const scale = size / Math.max(image.width, image.height)
  const width = Math.max(1, Math.round(image.width * scale))
  const height = Math.max(1, Math.round(image.height * scale))
  return resample(image, { x: 0, y: 0, width: image.width, height: image.height }, width, height)
}

/** Corners and middle, and mirrored ones, as torchvision's FiveCrop and TenCrop order them. The image is no smaller than the crops. */
export function cropsOf(image: Image, size: number, crops: 5 | 10): Image[] {
  const right = image.width - size
  const below = image.height - size
  const places = [
    [0, 0],
    [right, 0],
    [0, below],
    [right, below],
    [halfOf(right), halfOf(below)],
  ] as const
  const cut = (from: Image): Image[] =>
    places.map(([x, y]) => window(from, { x, y, width: size, height: size }))
  return crops === 5 ? cut(image) : [...cut(image), ...cut(mirrored(image))]
}

/** Halves are rounded to even numbers, as Python rounds them. */
function halfOf(room: number): number {
  const floor = Math.floor(room / 2)
  return room % 2 === 0 || floor % 2 === 0 ? floor : floor + 1
}

function mirrored({ data, width, height, channels }: Image): Image {
  const out = new Uint8Array(data.length)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++)
        out[(y * width + x) * channels + c] = data[(y * width + width - 1 - x) * channels + c]!
  return { data: out, width, height, channels }
}

function makeStep(choice: { readonly name: string }): Transform {
  return transforms.create(choice, 'transforms.eval')
}

async function applied(image: Image, steps: readonly Transform[], size: number): Promise<Image> {
  let seen = image
  // Evaluation draws nothing; a step that would is given the middle of what it draws from.
  for (const step of steps) seen = await step.apply(seen, () => 0.5, { height: size, width: size })
  return seen
}

function conflict(field: string, value: unknown, why: string): AppError {
  return new AppError('invalid-request', `${field}: got ${String(value)}, but ${why}`, { field, value })
}

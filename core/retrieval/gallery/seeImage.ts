/** What a network makes of one image, or of a part of it: its last map and its embedding. */
import * as tf from '@tensorflow/tfjs-core'
import { decodeImage, withChannels } from '../../data/decode.ts'
import type { Split } from '../../datasets/shared/reader.ts'
import { imageTensor } from '../../evaluation/imageTensor.ts'
import type { Network } from '../../evaluation/network.ts'
import { seenPart } from '../../evaluation/seenPart.ts'
import { scaledTransforms, sizeOf, viewer, type View } from '../../evaluation/view.ts'
import { cut, type Box } from '../../transforms/shared/resample.ts'
import type { Image } from '../../transforms/shared/transform.ts'
import { lastMap, ownPooling, pooled, poolingWith, withMaps } from './lastPooling.ts'
import type { Pooling } from '../../evaluation/activationMap.ts'
import type { Power } from './files.ts'

export interface SeenImage {
  /** As the network pools it, not of unit length, [width]. */
  readonly embedding: Float32Array
  /** Null where the embedding is no pooled map. */
  readonly map: {
    readonly height: number
    readonly width: number
    /** [height · width, channels] */
    readonly values: Float32Array
    readonly pooling: Pooling
  } | null
  /** The part of the image that the network saw, as fractions of its sides. */
  readonly region: Box
}

/**
 * @param part of the image to look at alone, as fractions of its sides; null for all of it
 * @throws AppError data-invalid for an image that cannot be decoded.
 */
export async function seeImage(
  network: Network,
  split: Split,
  index: number,
  part: Box | null,
  view: View,
  power: Power,
): Promise<SeenImage> {
  const whole = await decoded(network, split, index)
  const box = part && pixels(part, whole)
  const image = box ? cut(whole, box) : whole
  const [shown] = await viewer(network.config, view)(image)
  const { data: images, height, width } = shown!
  const own = await ownPooling(network)
  const executor = (own ? withMaps(network) : network).at(height, width)
  const x = imageTensor({ images, count: 1, height, width }, network.config.input, network.precision.storage) // [1,H,W,C]
  const role = own ? 'map' : 'embedding'
  const output = executor.predict(x, [role])[role]!
  try {
    const values = ((await output.data()) as Float32Array).slice()
    const region = within(box, whole, seen(network, image, view))
    if (!own) return { embedding: values, map: null, region }
    const [rows = 1, columns = 1, channels = 1] = lastMap(executor)!.map.shape
    const pooling = poolingWith(power === 'own' ? null : power, own)
    const embedding = pooled(values, rows * columns, channels, pooling)
    return { embedding, map: { height: rows, width: columns, values, pooling }, region }
  } finally {
    tf.dispose([x, output])
  }
}

async function decoded(network: Network, split: Split, index: number): Promise<Image> {
  const channels = network.checkpoint.state.inputShape[2] as 1 | 3
  const sample = await split.read(index)
  if (sample.kind === 'encoded') return decodeImage(sample.bytes, channels, split.name(index))
  const { data, width, height, channels: given } = sample.image
  return withChannels(data, width, height, given, channels)
}

/** Whole pixels, one at least. */
function pixels({ x, y, width, height }: Box, image: Image): Box {
  const left = Math.min(Math.floor(x * image.width), image.width - 1)
  const top = Math.min(Math.floor(y * image.height), image.height - 1)
  const right = Math.min(Math.max(Math.ceil((x + width) * image.width), left + 1), image.width)
  const bottom = Math.min(Math.max(Math.ceil((y + height) * image.height), top + 1), image.height)
  return { x: left, y: top, width: right - left, height: bottom - top }
}

function seen({ config }: Network, image: Image, view: View): Box {
  if (view.resize === 'rect') return { x: 0, y: 0, width: 1, height: 1 }
  const size = sizeOf(config, view)
  const scaled = { ...config.transforms, eval: scaledTransforms(config, size) }
  return seenPart(image, { ...config, transforms: scaled, input: { ...config.input, size } })
}

/** From fractions of a part to fractions of the whole. */
function within(part: Box | null, whole: Image, inner: Box): Box {
  if (part === null) return inner
  return {
    x: (part.x + inner.x * part.width) / whole.width,
    y: (part.y + inner.y * part.height) / whole.height,
    width: (inner.width * part.width) / whole.width,
    height: (inner.height * part.height) / whole.height,
  }
}

/** What a network sees on one image: the likeliest classes, and where it sees one of them. */
import * as tf from '@tensorflow/tfjs-core'
import { decodeImage, withChannels } from '../data/decode.ts'
import type { Split } from '../datasets/shared/reader.ts'
import type { Box } from '../transforms/shared/resample.ts'
import { activationMap, asHeat } from './activationMap.ts'
import { imageTensor } from './imageTensor.ts'
import type { Network } from './network.ts'
import { judgedRow } from './predictions.ts'
import { seenPart } from './seenPart.ts'
import { viewer } from './view.ts'

export interface ImageLook {
  /** Likeliest first. */
  readonly classes: readonly { readonly index: number; readonly name: string; readonly probability: number }[]
  readonly map: ImageActivation | null
}

export interface ImageActivation {
  readonly height: number
  readonly width: number
  /** From 0 to 1, row-major [height, width]. */
  readonly values: Float32Array
  readonly label: number
  readonly className: string
  /** Of that class, 0 to 1. */
  readonly probability: number
  /** The part of the image that the network sees, as fractions of its sides. */
  readonly region: Box
}

/**
 * @param want how many classes are named, and for which of them a map is made: a class, null for the likeliest, undefined for none
 * @throws AppError data-invalid naming an image that cannot be decoded; invalid-request for a class that is none.
 */
export async function lookAtImage(
  network: Network,
  split: Split,
  index: number,
  want: { readonly top: number; readonly label: number | null | undefined },
): Promise<ImageLook> {
  const { config, classes, precision } = network
  const channels = network.checkpoint.state.inputShape[2] as 1 | 3
  const sample = await split.read(index)
  const image =
    sample.kind === 'encoded'
      ? await decodeImage(sample.bytes, channels, split.name(index))
      : withChannels(
          sample.image.data,
          sample.image.width,
          sample.image.height,
          sample.image.channels,
          channels,
        )
  const [shown] = await viewer(config, {})(image)
  const { data: images, height, width } = shown!
  const x = imageTensor({ images, count: 1, height, width }, config.input, precision.storage) // [1,H,W,C]
  try {
    const executor = network.at(height, width)
    if (want.label === undefined) {
      const { logits } = executor.predict(x, ['logits'])
      const values = (await logits!.data()) as Float32Array
      logits!.dispose()
      return { classes: named(values, want.top, classes), map: null }
    }
    const { shares, logits, label, ...size } = await activationMap(executor, x, want.label)
    const map = {
      ...size,
      values: asHeat(shares),
      label,
      className: classes[label]!,
      probability: Math.exp(-judgedRow(logits, label).loss),
      region: seenPart(image, config),
    }
    return { classes: named(logits, want.top, classes), map }
  } finally {
    tf.dispose(x)
  }
}

function named(logits: Float32Array, top: number, classes: readonly string[]): ImageLook['classes'] {
  return [...logits.keys()]
    .sort((a, b) => logits[b]! - logits[a]! || a - b)
    .slice(0, top)
    .map(index => ({ index, name: classes[index]!, probability: Math.exp(-judgedRow(logits, index).loss) }))
}

/**
 * Mixup and CutMix: each image of a batch is blended with another, or gets a part of it. The other is the one at the same place of
 * the batch in reverse.
 *
 * @source Zhang et al. 2018, mixup; Yun et al. 2019, CutMix; timm.data.mixup.Mixup, mode `batch`
 */
import * as tf from '@tensorflow/tfjs-core'
import type { MixingConfig } from '../experiment/index.ts'
import { betaSample } from './betaSample.ts'

/** How a batch is mixed. */
export type Mix =
  | { readonly kind: 'mixup'; readonly share: number }
  | { readonly kind: 'cutmix'; readonly share: number; readonly box: CutBox }

/** Rows [top, bottom) and columns [left, right). */
export interface CutBox {
  readonly top: number
  readonly bottom: number
  readonly left: number
  readonly right: number
}

type Size = readonly [height: number, width: number]

/** @returns null for a batch that stays as it is */
export function chooseMix(settings: MixingConfig, size: Size, random: () => number): Mix | null {
  const { mixupAlpha, cutmixAlpha, probability, switchProbability } = settings
  if (mixupAlpha === 0 && cutmixAlpha === 0) return null
  if (random() >= probability) return null
  const cuts = cutmixAlpha > 0 && (mixupAlpha === 0 || random() < switchProbability)
  const share = betaSample(cuts ? cutmixAlpha : mixupAlpha, random)
  if (!cuts) return { kind: 'mixup', share }
  const box = cutBox(share, size, random)
  const area = (box.bottom - box.top) * (box.right - box.left)
  return area === 0 ? null : { kind: 'cutmix', share: 1 - area / (size[0] * size[1]), box }
}

/** Sides √(1 − λ) of the image's, the centre anywhere, cut off at the borders. */
export function cutBox(share: number, [height, width]: Size, random: () => number): CutBox {
  const ratio = Math.sqrt(1 - share)
  const [top, bottom] = span(Math.trunc(height * ratio), height, random)
  const [left, right] = span(Math.trunc(width * ratio), width, random)
  return { top, bottom, left, right }
}

function span(length: number, size: number, random: () => number): [number, number] {
  const centre = Math.floor(random() * size)
  const half = Math.floor(length / 2)
  return [Math.max(centre - half, 0), Math.min(centre + half, size)]
}

/** @param images [B,H,W,C]; the result is new, in a tidy unless the caller disposes of it */
export function mixImages(images: tf.Tensor4D, mix: Mix): tf.Tensor4D {
  if (mix.kind === 'cutmix') return tf.tidy(() => cutmix(images, mix.box))
  return tf.tidy(() => tf.add(tf.mul(images, mix.share), tf.mul(tf.reverse(images, [0]), 1 - mix.share)))
}

/** Put together from slices, which are copied as they are kept. */
function cutmix(images: tf.Tensor4D, { top, bottom, left, right }: CutBox): tf.Tensor4D {
  const [, height, width] = images.shape
  const part = (y: number, rows: number, x: number, columns: number): tf.Tensor4D =>
    tf.slice(images, [0, y, x, 0], [-1, rows, columns, -1])
  const rows = bottom - top
  const foreign = tf.reverse(part(top, rows, left, right - left), [0])
  const middle = joined([part(top, rows, 0, left), foreign, part(top, rows, right, width - right)], 2)
  return joined([part(0, top, 0, width), middle, part(bottom, height - bottom, 0, width)], 1)
}

function joined(parts: readonly tf.Tensor4D[], axis: number): tf.Tensor4D {
  const filled = parts.filter(({ size }) => size > 0)
  return filled.length === 1 ? filled[0]! : tf.concat(filled, axis)
}

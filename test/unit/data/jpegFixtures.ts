/** Photographs as JPEG files of many kinds, and both ways to the network's input. */
import sharp, { type JpegOptions } from 'sharp'
import type { JpegBinding } from '../../../core/data/jpeg/binding.ts'
import { jpegHeader } from '../../../core/data/jpeg/header.ts'
import { loadJpeg } from '../../../core/data/jpeg/load.ts'
import { planOf } from '../../../core/data/jpeg/makeJpeg.ts'
import { itemPreparer, type ItemOptions } from '../../../core/data/prepareItem.ts'
import type { DecoderName } from '../../../core/data/types.ts'
import type { Split } from '../../../core/datasets/shared/reader.ts'
import { wholeImage, type Geometry } from '../../../core/transforms/shared/geometry.ts'
import { readFixture } from '../../fixtures/images/formula.ts'

const loaded = loadJpeg()

/** For `describe`: why tests of the addon are left out, which is a failure where every test is asked for. */
export const withoutAddon: string | false = (() => {
  if (loaded.binding) return false
  if (process.env['CI'] === 'true') throw new Error(`CI=true asks for the JPEG addon: ${loaded.problem}`)
  return `needs the JPEG addon: ${loaded.problem}`
})()

export function binding(): JpegBinding {
  if (!loaded.binding) throw new Error(loaded.problem)
  return loaded.binding
}

/** The photograph as another kind of JPEG. */
export async function photograph(
  jpeg: JpegOptions = {},
  change: { orientation?: number; isGrey?: boolean; width?: number; height?: number } = {},
): Promise<Buffer> {
  const { orientation, isGrey, width = 500, height = 400 } = change
  const image = sharp(await readFixture('photo.jpg')).resize(width, height, { fit: 'fill' })
  if (isGrey) image.toColourspace('b-w')
  if (orientation) image.withMetadata({ orientation })
  return image.jpeg(jpeg).toBuffer()
}

/** What decides the result, beside the files. */
export type Look = Pick<ItemOptions, 'transforms' | 'width' | 'height' | 'channels'>

export type Prepared =
  { readonly problem: string; readonly image: null } | { readonly problem: null; readonly image: Uint8Array }

/** A file on its way through the loader's code. */
export async function prepared(
  bytes: Uint8Array,
  decoder: DecoderName,
  look: Look,
  epoch = 0,
): Promise<Prepared> {
  const split: Split = {
    count: 1,
    labels: new Int32Array(1),
    name: () => 'file.jpg',
    read: async () => ({ kind: 'encoded', bytes }),
  }
  const prepare = itemPreparer({ ...look, decoder, seed: 3 }, split)
  const image = new Uint8Array(new SharedArrayBuffer(look.width * look.height * look.channels))
  const problem = await prepare({ index: 0, epoch, copy: 0 }, image)
  return problem === null ? { problem, image } : { problem, image: null }
}

/** One geometry in the addon; null where it leaves the file to sharp. */
export function made(
  bytes: Uint8Array,
  change: Partial<Geometry> = {},
  channels: 1 | 3 = 3,
  resampler = 0,
): Uint8Array | null {
  const header = jpegHeader(bytes)
  if (!header) return null
  const isTurned = header.orientation >= 5
  const size = isTurned ? { width: header.height, height: header.width } : header
  const geometry = { ...wholeImage(size), ...change }
  const target = new Uint8Array(geometry.window.width * geometry.window.height * channels)
  return binding().make(bytes, planOf(header, geometry, channels), target, resampler) ? target : null
}

/** Mean difference in grey levels. */
export function meanDifference(one: Uint8Array, other: Uint8Array): number {
  if (one.length !== other.length || one.length === 0) return Infinity
  let sum = 0
  for (let at = 0; at < one.length; at++) sum += Math.abs((one[at] as number) - (other[at] as number))
  return sum / one.length
}

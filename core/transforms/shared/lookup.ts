/**
 * Changes that give each value another one, whatever its neighbours: inversion, fewer bits, stretched or levelled histograms.
 * All take and give 8-bit RGB or grey; the input is never changed.
 *
 * @source Pillow `ImageOps`
 */
import { histograms, mapped, mappedByChannel, tableOf, wordsOf } from './tables.ts'
import type { Image } from './transform.ts'

export function invert(image: Image): Image {
  return inverted(image, 0, 255)
}

/** @param bits kept of each value, 0 to 8; the others become 0 */
export function posterize(image: Image, bits: number): Image {
  return inverted(image, 256, ~(2 ** (8 - bits) - 1) & 255)
}

/** Inverts values from `threshold` on. */
export function solarize(image: Image, threshold: number): Image {
  return inverted(image, Math.min(Math.max(Math.ceil(threshold), 0), 256), 255)
}

const everyByte = 0x01010101

/**
 * Inverts values from a whole threshold on, 0 to 256, and keeps some bits of the result: four values at once, as no carry passes
 * between them. The highest bit of (v & 127) + (128 - t) tells whether the low bits reach t.
 */
function inverted(image: Image, threshold: number, kept: number): Image {
  const { data: source } = image
  const data = new Uint8Array(source.length)
  const from = wordsOf(source)
  const to = wordsOf(data)
  const length = from && to ? from.length : 0
  const isLow = threshold < 128
  const distance = Math.imul(isLow ? 128 - threshold : 256 - threshold, everyByte)
  const keep = Math.imul(kept, everyByte)
  for (let at = 0; at < length; at++) {
    const word = from![at]!
    const reached = (word & 0x7f7f7f7f) + distance
    const above = isLow ? word | reached : word & reached
    to![at] = (word ^ Math.imul((above >>> 7) & everyByte, 255)) & keep
  }
  for (let at = length * 4; at < source.length; at++)
    data[at] = (source[at]! < threshold ? source[at]! : 255 - source[at]!) & kept
  return { ...image, data }
}

/** Adds to values below 128. */
export function solarizeAdd(image: Image, amount: number): Image {
  return mapped(
    image,
    tableOf(value => (value < 128 ? Math.min(255, value + amount) : value)),
  )
}

/** Stretches each channel so that its darkest value becomes 0 and its brightest 255. */
export function autoContrast(image: Image): Image {
  const tables = histograms(image).map(histogram => {
    const darkest = histogram.findIndex(count => count > 0)
    const brightest = histogram.findLastIndex(count => count > 0)
    if (brightest <= darkest) return tableOf(value => value)
    const scale = 255 / (brightest - darkest)
    const offset = -darkest * scale
    return tableOf(value => Math.min(Math.max(Math.trunc(value * scale + offset), 0), 255))
  })
  return mappedByChannel(image, tables)
}

/** Makes the values of each channel about equally frequent. */
export function equalize(image: Image): Image {
  const pixels = image.width * image.height
  const tables = histograms(image).map(histogram => {
    const brightest = histogram.findLast(count => count > 0) ?? 0
    const step = Math.floor((pixels - brightest) / 255)
    if (step === 0) return tableOf(value => value)
    let sum = Math.floor(step / 2)
    return tableOf(value => {
      const level = Math.min(Math.floor(sum / step), 255)
      sum += histogram[value] as number
      return level
    })
  })
  return mappedByChannel(image, tables)
}

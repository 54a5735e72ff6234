/**
 * Changes that give each value another one, whatever its neighbours: inversion, fewer bits, stretched or levelled histograms.
 * All take and give 8-bit RGB or grey; the input is never changed.
 *
 * @source Pillow `ImageOps`
 */
import type { Image } from './transform.ts'

/** What each of the 256 values becomes. */
export type Table = Uint8Array

/** The same table for all channels. */
export function mapped(image: Image, table: Table): Image {
  const { data: source } = image
  const { length } = source
  const data = new Uint8Array(length)
  for (let at = 0; at < length; at++) data[at] = table[source[at] as number] as number
  return { ...image, data }
}

/** A table for each channel. */
export function mappedByChannel(image: Image, tables: readonly Table[]): Image {
  const [red, green = red, blue = red] = tables as readonly [Table, Table?, Table?]
  if (image.channels === 1) return mapped(image, red)
  const { data: source } = image
  const { length } = source
  const data = new Uint8Array(length)
  for (let at = 0; at < length; at += 3) {
    data[at] = red[source[at] as number] as number
    data[at + 1] = green[source[at + 1] as number] as number
    data[at + 2] = blue[source[at + 2] as number] as number
  }
  return { ...image, data }
}

export function invert(image: Image): Image {
  return mapped(
    image,
    tableOf(value => 255 - value),
  )
}

/** @param bits kept of each value, 0 to 8; the others become 0 */
export function posterize(image: Image, bits: number): Image {
  const mask = ~(2 ** (8 - bits) - 1)
  return mapped(
    image,
    tableOf(value => value & mask),
  )
}

/** Inverts values from `threshold` on. */
export function solarize(image: Image, threshold: number): Image {
  return mapped(
    image,
    tableOf(value => (value < threshold ? value : 255 - value)),
  )
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

/** How often each value occurs, for each channel, [256] each. */
function histograms({ data, channels }: Image): Int32Array[] {
  const { length } = data
  if (channels === 1) {
    const counts = new Int32Array(256)
    for (let at = 0; at < length; at++) counts[data[at] as number]!++
    return [counts]
  }
  const red = new Int32Array(256)
  const green = new Int32Array(256)
  const blue = new Int32Array(256)
  for (let at = 0; at < length; at += 3) {
    red[data[at] as number]!++
    green[data[at + 1] as number]!++
    blue[data[at + 2] as number]!++
  }
  return [red, green, blue]
}

function tableOf(become: (value: number) => number): Table {
  const table = new Uint8Array(256)
  for (let value = 0; value < 256; value++) table[value] = become(value)
  return table
}

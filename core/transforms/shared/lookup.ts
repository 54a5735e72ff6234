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
  return mappedByChannel(image, [table])
}

/**
 * A table for each channel, or one for all. Four values are read and written at once, which takes two thirds of the time.
 * @param tables 1 or 3, also of a grey image, which takes the first
 */
export function mappedByChannel(image: Image, tables: readonly Table[]): Image {
  const { data: source } = image
  const data = new Uint8Array(source.length)
  const [red, green = red, blue = red] = (image.channels === 1 ? tables.slice(0, 1) : tables) as [
    Table,
    Table?,
    Table?,
  ]
  const done =
    red === green && red === blue ? mapWords(source, data, red) : mapPixels(source, data, red, green, blue)
  for (let at = done; at < source.length; at += 3) {
    data[at] = red[source[at]!]!
    if (at + 1 < source.length) data[at + 1] = green[source[at + 1]!]!
    if (at + 2 < source.length) data[at + 2] = blue[source[at + 2]!]!
  }
  return { ...image, data }
}

/** @returns how many values are done: all but the last few, which fill no word */
function mapWords(source: Uint8Array, data: Uint8Array, table: Table): number {
  const from = wordsOf(source)
  const to = wordsOf(data)
  if (!from || !to) return 0
  const { length } = from
  for (let at = 0; at < length; at++) {
    const word = from[at] as number
    const low = (table[word & 255] as number) | ((table[(word >>> 8) & 255] as number) << 8)
    to[at] = low | ((table[(word >>> 16) & 255] as number) << 16) | ((table[word >>> 24] as number) << 24)
  }
  return length * 4
}

/** Four pixels are three words. */
function mapPixels(source: Uint8Array, data: Uint8Array, red: Table, green: Table, blue: Table): number {
  const from = wordsOf(source)
  const to = wordsOf(data)
  if (!from || !to) return 0
  const length = from.length - (from.length % 3)
  for (let at = 0; at < length; at += 3) {
    to[at] = mapWord(from[at] as number, red, green, blue, red)
    to[at + 1] = mapWord(from[at + 1] as number, green, blue, red, green)
    to[at + 2] = mapWord(from[at + 2] as number, blue, red, green, blue)
  }
  return length * 4
}

function mapWord(word: number, first: Table, second: Table, third: Table, fourth: Table): number {
  const low = (first[word & 255] as number) | ((second[(word >>> 8) & 255] as number) << 8)
  return low | ((third[(word >>> 16) & 255] as number) << 16) | ((fourth[word >>> 24] as number) << 24)
}

/** The same memory as whole words, without the bytes left over; null where it does not begin at a word, or the machine puts the high byte first. */
function wordsOf({ buffer, byteOffset, length }: Uint8Array): Int32Array | null {
  if (byteOffset % 4 !== 0 || !isLittleEndian) return null
  return new Int32Array(buffer, byteOffset, length >> 2)
}

const isLittleEndian = new Uint8Array(Int32Array.of(1).buffer)[0] === 1

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

/** How often each value occurs, for each channel, [256] each. Three words are four pixels. */
function histograms({ data, channels }: Image): Int32Array[] {
  const counts = new Int32Array(channels * 256)
  const words = channels === 3 ? wordsOf(data) : null
  const length = words ? words.length - (words.length % 3) : 0
  for (let at = 0; at < length; at += 3) {
    const one = words![at] as number
    const two = words![at + 1] as number
    const three = words![at + 2] as number
    counts[one & 255]!++
    counts[256 + ((one >>> 8) & 255)]!++
    counts[512 + ((one >>> 16) & 255)]!++
    counts[one >>> 24]!++
    counts[256 + (two & 255)]!++
    counts[512 + ((two >>> 8) & 255)]!++
    counts[(two >>> 16) & 255]!++
    counts[256 + (two >>> 24)]!++
    counts[512 + (three & 255)]!++
    counts[(three >>> 8) & 255]!++
    counts[256 + ((three >>> 16) & 255)]!++
    counts[512 + (three >>> 24)]!++
  }
  for (let at = length * 4; at < data.length; at++) counts[(at % channels) * 256 + data[at]!]!++
  return Array.from({ length: channels }, (_, c) => counts.subarray(c * 256, (c + 1) * 256))
}

function tableOf(become: (value: number) => number): Table {
  const table = new Uint8Array(256)
  for (let value = 0; value < 256; value++) table[value] = become(value)
  return table
}

/**
 * Values by table, and how often each occurs. Four values are read and written at once where memory allows it, which takes two thirds
 * of the time.
 */
import type { Image } from './transform.ts'

/** What each of the 256 values becomes. */
export type Table = Uint8Array

/** The same table for all channels. */
export function mapped(image: Image, table: Table): Image {
  return mappedByChannel(image, [table])
}

/**
 * A table for each channel, or one for all.
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
export function wordsOf({ buffer, byteOffset, length }: Uint8Array): Int32Array | null {
  if (byteOffset % 4 !== 0 || !isLittleEndian) return null
  return new Int32Array(buffer, byteOffset, length >> 2)
}

const isLittleEndian = new Uint8Array(Int32Array.of(1).buffer)[0] === 1

export function tableOf(become: (value: number) => number): Table {
  const table = new Uint8Array(256)
  for (let value = 0; value < 256; value++) table[value] = become(value)
  return table
}

/** How often each value occurs, for each channel, [256] each. Three words are four pixels. */
export function histograms({ data, channels }: Image): Int32Array[] {
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

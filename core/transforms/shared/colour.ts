/**
 * Changes of brightness, contrast, saturation and hue in the arithmetic of Pillow, which torchvision uses on pictures.
 * All take and give 8-bit RGB or grey; the input is never changed.
 *
 * @source Pillow `ImageEnhance` and `Image.blend`; hue after torchvision `functional_pil.adjust_hue`
 */
import { mapped } from './tables.ts'
import type { Image } from './transform.ts'

/** @param factor 1 keeps the image, 0 makes it black */
export function brightness(image: Image, factor: number): Image {
  return mapped(image, blendTable(0, factor))
}

/** @param factor 1 keeps the image, 0 makes it the grey of its mean */
export function contrast(image: Image, factor: number): Image {
  const { data, width, height, channels } = image
  const pixels = width * height
  let sum = 0
  if (channels === 1) for (let at = 0; at < pixels; at++) sum += data[at] as number
  else for (let at = 0; at < pixels * 3; at += 3) sum += luminance(data, at)
  return mapped(image, blendTable(Math.trunc(sum / pixels + 0.5), factor))
}

/** @param factor 1 keeps the image, 0 makes it grey; a grey image stays as it is */
export function saturation(image: Image, factor: number): Image {
  if (image.channels === 1) return image
  const { data: source } = image
  const { length } = source
  const data = new Uint8Array(length)
  const single = Math.fround(factor)
  for (let at = 0; at < length; at += 3) {
    const red = source[at] as number
    const green = source[at + 1] as number
    const blue = source[at + 2] as number
    const grey = (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16
    data[at] = blend(grey, red, single)
    data[at + 1] = blend(grey, green, single)
    data[at + 2] = blend(grey, blue, single)
  }
  return { ...image, data }
}

/** @param turn part of a full turn of the colour circle, -0.5 to 0.5; a grey image stays as it is */
export function hue(image: Image, turn: number): Image {
  if (image.channels === 1) return image
  const { data: source } = image
  const shift = Math.trunc(turn * 255) & 0xff
  const data = new Uint8Array(source.length)
  for (let at = 0; at < source.length; at += 3) turnPixel(source, data, at, shift)
  return { ...image, data }
}

/** 8-bit hue, saturation and value and back, rounded as Pillow rounds between its modes RGB and HSV. */
function turnPixel(source: Uint8Array, data: Uint8Array, at: number, shift: number): void {
  const [red, green, blue] = [source[at] as number, source[at + 1] as number, source[at + 2] as number]
  const value = Math.max(red, green, blue)
  const least = Math.min(red, green, blue)
  if (value === least) {
    data.fill(value, at, at + 3)
    return
  }
  const range = value - least
  const towards = (channel: number) => Math.fround((value - channel) / range)
  let angle: number
  if (red === value) angle = Math.fround(towards(blue) - towards(green))
  else if (green === value) angle = Math.fround(2 + towards(red) - towards(blue))
  else angle = Math.fround(4 + towards(green) - towards(red))
  const turned = Math.fround((angle / 6 + 1) % 1)
  const hue8 = (clip(Math.trunc(turned * 255)) + shift) & 0xff
  const saturation8 = clip(Math.trunc(Math.fround(range / value) * 255))
  writeHsv(data, at, hue8, saturation8, value)
}

function writeHsv(data: Uint8Array, at: number, hue8: number, saturation8: number, value: number): void {
  const sextant = Math.fround((hue8 * 6) / 255)
  const whole = Math.floor(sextant)
  const part = Math.fround(sextant - whole)
  const share = Math.fround(saturation8 / 255)
  const low = clip(Math.round(value * (1 - share)))
  const falling = clip(Math.round(value * (1 - share * part)))
  const rising = clip(Math.round(value * (1 - share * (1 - part))))
  const colours = [
    [value, rising, low],
    [falling, value, low],
    [low, value, rising],
    [low, falling, value],
    [rising, low, value],
    [value, low, falling],
  ] as const
  data.set(colours[whole % 6] as readonly [number, number, number], at)
}

/** What each of the 256 values becomes when mixed with one other value. */
function blendTable(other: number, factor: number): Uint8Array {
  const table = new Uint8Array(256)
  const single = Math.fround(factor)
  for (let value = 0; value < 256; value++) table[value] = blend(other, value, single)
  return table
}

/** `other + factor · (value - other)` in single precision, cut off towards zero. @param factor in single precision */
function blend(other: number, value: number, factor: number): number {
  const mixed = Math.fround(other + Math.fround(factor * (value - other)))
  return mixed <= 0 ? 0 : mixed >= 255 ? 255 : mixed | 0
}

function luminance(data: Uint8Array, at: number): number {
  const weighted =
    (data[at] as number) * 19595 + (data[at + 1] as number) * 38470 + (data[at + 2] as number) * 7471
  return (weighted + 0x8000) >> 16
}

function clip(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value
}

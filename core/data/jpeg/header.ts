/**
 * What a JPEG file says about itself before its pixels. Only files that leave no question are answered: whatever is unusual
 * or contradictory is left to sharp.
 */

export interface JpegHeader {
  /** Size as stored, before any turning. */
  readonly width: number
  readonly height: number
  /** EXIF orientation, 1 to 8. */
  readonly orientation: number
}

const marker = { startOfFrames: [0xc0, 0xc1, 0xc2], startOfScan: 0xda, exif: 0xe1 } as const
const orientationTag = 0x0112

/** @returns null for a file that is not a plain 8-bit grey or YCbCr JPEG */
export function jpegHeader(bytes: Uint8Array): JpegHeader | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    return walk(view)
  } catch (thrown) {
    if (thrown instanceof RangeError) return null // cut off in the middle of the header
    throw thrown
  }
}

/** Walks the segments up to the first scan. */
function walk(view: DataView): JpegHeader | null {
  if (view.getUint16(0) !== 0xffd8) return null
  let size: { width: number; height: number } | null = null
  let orientation: number | null = null
  for (let at = 2; ;) {
    if (view.getUint8(at) !== 0xff) return null
    const kind = view.getUint8(at + 1)
    if (kind === 0xff) {
      at++ // a fill byte
      continue
    }
    if (kind === marker.startOfScan) return size && { ...size, orientation: orientation ?? 1 }
    if (kind < 0xc0 || (kind >= 0xd0 && kind <= 0xd9)) return null // no segment belongs to these
    const length = view.getUint16(at + 2)
    if (length < 2) return null
    if (isFrame(kind)) {
      size = size === null ? frame(view, at + 4, kind) : null
      if (!size) return null
    }
    if (kind === marker.exif && isExif(view, at + 4, length - 2)) {
      const found = exifOrientation(view, at + 10, at + 2 + length)
      if (found === null || orientation !== null) return null
      orientation = found
    }
    at += 2 + length
  }
}

/** 0xc4, 0xc8 and 0xcc among them are something else. */
function isFrame(kind: number): boolean {
  return kind >= 0xc0 && kind <= 0xcf && kind !== 0xc4 && kind !== 0xc8 && kind !== 0xcc
}

/** Baseline, extended or progressive, 8 bits, one component, or three with colours whole, or halved across or both ways. */
function frame(view: DataView, at: number, kind: number): { width: number; height: number } | null {
  if (!(marker.startOfFrames as readonly number[]).includes(kind) || view.getUint8(at) !== 8) return null
  const height = view.getUint16(at + 1)
  const width = view.getUint16(at + 3)
  const components = view.getUint8(at + 5)
  if (width === 0 || height === 0) return null
  const samplings = Array.from({ length: components }, (_, n) => view.getUint8(at + 7 + 3 * n))
  const [luma, ...colours] = samplings
  const isUsual =
    components === 1
      ? luma === 0x11
      : components === 3 && [0x11, 0x21, 0x22].includes(luma as number) && colours.every(one => one === 0x11)
  return isUsual ? { width, height } : null
}

function isExif(view: DataView, at: number, length: number): boolean {
  return length >= 6 && view.getUint32(at) === 0x45786966 && view.getUint16(at + 4) === 0
}

/**
 * The orientation in the first directory; 1 where none is given.
 * @param from of the TIFF header, to which all offsets are relative
 * @param end of the segment
 * @returns null for a directory that is damaged or ambiguous
 */
function exifOrientation(view: DataView, from: number, end: number): number | null {
  if (from + 8 > end) return null
  const order = view.getUint16(from)
  if (order !== 0x4949 && order !== 0x4d4d) return null
  const isLittle = order === 0x4949
  if (view.getUint16(from + 2, isLittle) !== 42) return null
  const directory = from + view.getUint32(from + 4, isLittle)
  if (directory + 2 > end) return null
  const count = view.getUint16(directory, isLittle)
  if (directory + 2 + 12 * count > end) return null
  let orientation: number | null = null
  for (let at = directory + 2; at < directory + 2 + 12 * count; at += 12) {
    if (view.getUint16(at, isLittle) !== orientationTag) continue
    const isShort = view.getUint16(at + 2, isLittle) === 3 && view.getUint32(at + 4, isLittle) === 1
    const value = view.getUint16(at + 8, isLittle)
    if (!isShort || value < 1 || value > 8 || orientation !== null) return null
    orientation = value
  }
  return orientation ?? 1
}

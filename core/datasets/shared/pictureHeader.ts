/** What the first bytes of a file say about it: the format, whatever the file is called, and mostly the size. */

export type PictureFormat = 'JPEG' | 'PNG' | 'WebP' | 'GIF'

/** Bytes that `sniff` wants to see. */
export const sniffBytes = 16
/** Bytes in which the size stands in nearly every file. */
export const sizeBytes = 256 * 1024

/** Formats told apart so that a message can name them. */
const signatures: readonly (readonly [name: string, isRead: boolean, pattern: RegExp])[] = [
  ['JPEG', true, /^\xff\xd8\xff/],
  ['PNG', true, /^\x89PNG\r\n\x1a\n/],
  ['WebP', true, /^RIFF[^]{4}WEBP/],
  ['GIF', true, /^GIF8[79]a/],
  ['BMP', false, /^BM/],
  ['TIFF', false, /^(II\*\0|MM\0\*)/],
  ['AVIF or HEIF', false, /^[^]{4}ftyp(avif|avis|heic|heix|mif1)/],
  ['JPEG 2000', false, /^\0\0\0\x0cjP {2}/],
  ['PSD', false, /^8BPS/],
]
const extensions: Readonly<Record<string, PictureFormat>> = {
  jpg: 'JPEG',
  jpeg: 'JPEG',
  jpe: 'JPEG',
  jfif: 'JPEG',
  png: 'PNG',
  webp: 'WebP',
  gif: 'GIF',
}

/** What a file is. */
export type Sniffed =
  | { readonly kind: 'image'; readonly format: PictureFormat }
  | { readonly kind: 'unreadable-image'; readonly format: string }
  | { readonly kind: 'other' }

/** @param head the first bytes of the file, `sniffBytes` or more where it has them */
export function sniff(head: Uint8Array): Sniffed {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, sniffBytes)).toString(
    'latin1',
  )
  const found = signatures.find(([, , pattern]) => pattern.test(text))
  if (!found) return { kind: 'other' }
  const [format, isRead] = found
  return isRead ? { kind: 'image', format: format as PictureFormat } : { kind: 'unreadable-image', format }
}

/** The format that a file's name promises; null for a name that promises none. */
export function promisedFormat(name: string): PictureFormat | null {
  const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
  return extensions[extension] ?? null
}

/**
 * Size of a picture in pixels as its header states it, before any turning; 4 channels are CMYK.
 * @param head the first bytes, `sizeBytes` or more where the file has them
 * @returns null where the header does not show it
 */
export function pictureSize(head: Uint8Array): { width: number; height: number; channels: number } | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
  const sniffed = sniff(bytes)
  if (sniffed.kind !== 'image') return null
  try {
    if (sniffed.format === 'JPEG') return jpegSize(bytes)
    if (sniffed.format === 'PNG') return pngSize(bytes)
    if (sniffed.format === 'GIF')
      return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8), channels: 3 }
    return webpSize(bytes)
  } catch {
    return null // cut off before the size
  }
}

/** Walks the segments up to the start of frame. */
function jpegSize(bytes: Buffer): { width: number; height: number; channels: number } | null {
  for (let at = 2; at < bytes.length;) {
    if (bytes.readUInt8(at) !== 0xff) return null
    const marker = bytes.readUInt8(at + 1)
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (isFrame) {
      return {
        height: bytes.readUInt16BE(at + 5),
        width: bytes.readUInt16BE(at + 7),
        channels: bytes.readUInt8(at + 9),
      }
    }
    at += marker === 0xff ? 1 : 2 + bytes.readUInt16BE(at + 2)
  }
  return null
}

function pngSize(bytes: Buffer): { width: number; height: number; channels: number } {
  const isGrey = (bytes.readUInt8(25) & 3) === 0 // colour types 0 and 4
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), channels: isGrey ? 1 : 3 }
}

function webpSize(bytes: Buffer): { width: number; height: number; channels: number } | null {
  const kind = bytes.toString('latin1', 12, 16)
  if (kind === 'VP8 ')
    return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff, channels: 3 }
  if (kind === 'VP8L') {
    const bits = bytes.readUInt32LE(21)
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1, channels: 3 }
  }
  if (kind === 'VP8X')
    return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1, channels: 3 }
  return null
}

/**
 * Says what is wrong with a image that could not be decoded, from its bytes alone: the decoder's own message lies in
 * memory that all threads write to, so that it may be another image's.
 */
import { pictureSize, sniff, type PictureFormat } from '../datasets/shared/pictureHeader.ts'

/** Bytes after the end mark that are still looked through: some cameras append padding. */
const tailBytes = 64 * 1024

/** @param largestPixels limit of the decoder */
export function describeDamage(bytes: Uint8Array, largestPixels: number): string {
  if (bytes.length === 0) return 'an empty file. Fetch it again or remove it'
  const found = sniff(bytes)
  if (found.kind === 'unreadable-image')
    return `a ${found.format} file, which is not read. Convert it to JPEG or PNG`
  if (found.kind === 'other') return 'not a JPEG, PNG, WebP or GIF image. Convert it or remove it'
  const size = pictureSize(bytes)
  if (size && size.width * size.height > largestPixels) {
    return `${size.width} × ${size.height} pixels, more than ${largestPixels / 1e6} million. Make it smaller or remove it`
  }
  const state = hasEnd(bytes, found.format) ? 'damaged' : 'cut short'
  return `a ${found.format} image that is ${state}. Fetch it again or remove it`
}

function hasEnd(bytes: Uint8Array, format: PictureFormat): boolean {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const tail = whole.subarray(-tailBytes)
  if (format === 'JPEG') return tail.includes(Buffer.from([0xff, 0xd9]))
  if (format === 'PNG') return tail.includes('IEND')
  if (format === 'WebP') return whole.length >= 8 && whole.readUInt32LE(4) + 8 <= whole.length
  return tail.includes(0x3b)
}

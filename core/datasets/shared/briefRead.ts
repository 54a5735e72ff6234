/** Reading whole files into the same memory again and again: no new memory for every image of an epoch. */
import { closeSync, openSync, readSync } from 'node:fs'

/** What most photographs of data sets fit into. */
const firstBytes = 256 * 1024
/** Memory that one huge file took is not kept. */
const mostKept = 16 * 1024 * 1024

/** @returns a function whose result is valid until its next call. It throws what Node throws. */
export function briefReader(): (path: Buffer) => Uint8Array {
  let memory = Buffer.allocUnsafeSlow(firstBytes)
  return path => {
    if (memory.length > mostKept) memory = Buffer.allocUnsafeSlow(firstBytes)
    const file = openSync(path, 'r')
    try {
      let length = 0
      for (;;) {
        const got = readSync(file, memory, length, memory.length - length, null)
        length += got
        if (got === 0) return memory.subarray(0, length)
        if (length === memory.length) memory = Buffer.concat([memory], memory.length * 2)
      }
    } finally {
      closeSync(file)
    }
  }
}

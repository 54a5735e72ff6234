/** A file seen through a window that moves on: read from end to end with little memory. */
import type { FileHandle } from 'node:fs/promises'
import { invalidFile } from '../invalidFile.ts'
import { unreadable } from '../pixels.ts'

/** What is read at a time. */
export const windowBytes = 4 * 2 ** 20

export class FileWindow {
  readonly size: number
  private readonly file: FileHandle
  private readonly path: string
  private readonly read: (bytes: number) => void
  private memory = Buffer.allocUnsafeSlow(windowBytes)
  private start = 0
  private length = 0

  /** @param read told of bytes as they are read */
  constructor(file: FileHandle, path: string, size: number, read: (bytes: number) => void) {
    this.file = file
    this.path = path
    this.size = size
    this.read = read
  }

  /** Bytes of the file, valid until the next call. They must lie within it. @throws AppError data-unreadable */
  async at(offset: number, length: number): Promise<Uint8Array> {
    if (offset < this.start || offset + length > this.start + this.length) await this.move(offset, length)
    return this.memory.subarray(offset - this.start, offset - this.start + length)
  }

  /** What is there already of the new window is kept. */
  private async move(offset: number, length: number): Promise<void> {
    const wanted = Math.min(Math.max(length, windowBytes), this.size - offset)
    const from = offset - this.start
    const held = from >= 0 && from < this.length ? this.memory.subarray(from, this.length) : Buffer.alloc(0)
    const memory = wanted > this.memory.length ? Buffer.allocUnsafeSlow(wanted) : this.memory
    memory.set(held) // also where both overlap
    this.memory = memory
    this.start = offset
    this.length = held.length
    while (this.length < wanted) await this.readMore(wanted)
  }

  private async readMore(wanted: number): Promise<void> {
    const { file, memory, length, start, path } = this
    const { bytesRead } = await file
      .read(memory, length, wanted - length, start + length)
      .catch((thrown: unknown) => {
        throw unreadable(path, thrown)
      })
    if (bytesRead === 0)
      throw invalidFile(path, 'it has become shorter while it was read', 'Scan it when it is complete')
    this.length += bytesRead
    this.read(bytesRead)
  }
}

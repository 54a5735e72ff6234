/** Writes a file part by part, with progress in bytes. */
import { open } from 'node:fs/promises'

export interface WritePart {
  /** Bytes. */
  readonly size: number
  read(): Uint8Array
}

/** How far an export is, and whether it should go on. */
export interface ExportWatcher {
  progress(phase: string, done: number, total: number): void
  /** @throws AppError cancelled */
  throwIfCancelled(): void
}

/** Small parts are gathered up to this size, so that a file does not take thousands of writes. */
const bufferBytes = 1 << 20

/** @throws what the file system throws, and AppError cancelled; the file is then incomplete. */
export async function writeParts(
  path: string,
  parts: readonly WritePart[],
  watcher: ExportWatcher,
): Promise<void> {
  const total = parts.reduce((sum, part) => sum + part.size, 0)
  const buffer = Buffer.alloc(bufferBytes)
  const file = await open(path, 'wx')
  let used = 0
  let done = 0
  const put = async (bytes: Uint8Array): Promise<void> => {
    for (let offset = 0; offset < bytes.length;)
      offset += (await file.write(bytes, offset, bytes.length - offset)).bytesWritten
    done += bytes.length
    watcher.progress('writing', done, total)
    watcher.throwIfCancelled()
  }
  const flush = async (): Promise<void> => {
    await put(buffer.subarray(0, used))
    used = 0
  }
  try {
    for (const part of parts) {
      if (used + part.size > bufferBytes) await flush()
      if (part.size > bufferBytes) await put(part.read())
      else {
        buffer.set(part.read(), used)
        used += part.size
      }
    }
    await flush()
    await file.sync()
  } finally {
    await file.close()
  }
}

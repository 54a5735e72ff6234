/** Reads one TFRecord file from end to end: where each record lies, its label, and what is wrong. */
import { open } from 'node:fs/promises'
import { pictureSize, sniff } from '../pictureHeader.ts'
import { unreadable } from '../pixels.ts'
import type { Problems } from '../problems.ts'
import type { ScanWatcher } from '../reader.ts'
import { readExample, type ImageExample } from './example.ts'
import { FileWindow, windowBytes } from './fileWindow.ts'
import { MalformedMessage } from './protobuf.ts'
import { contentsMatch, headBytes, mayBeHead, readHead, tailBytes } from './record.ts'

/** A record that is in order. */
export interface FoundRecord {
  /** Place in its file, from 0; damaged ones count. */
  readonly number: number
  /** Byte at which its contents begin. */
  readonly offset: number
  readonly length: number
  /** As the record says it. */
  readonly label: number
  readonly text: string
  readonly synset: string
}

export interface ScannedShard {
  readonly sizeBytes: number
  readonly records: readonly FoundRecord[]
  /** Size of the first picture. */
  readonly imageSize: { readonly width: number; readonly height: number; readonly channels: number } | null
}

/**
 * Damaged records are named, and reading goes on at the next one that is whole.
 * @param shown name of the file in problems
 * @param read told of bytes as they are read
 * @throws AppError data-unreadable, cancelled
 */
export async function scanShard(
  path: string,
  shown: string,
  problems: Problems,
  watcher: ScanWatcher,
  read: (bytes: number) => void,
): Promise<ScannedShard> {
  const file = await open(path).catch((thrown: unknown) => {
    throw unreadable(path, thrown)
  })
  try {
    const { size } = await file.stat()
    if (size === 0) problems.add(shown, 'an empty file; left out')
    const bytes = new FileWindow(file, path, size, read)
    const records: FoundRecord[] = []
    let imageSize: ScannedShard['imageSize'] = null
    let number = 0
    for (let at = 0; at < size; number++) {
      watcher.throwIfCancelled()
      const where = (problem: string, consequence: string): void =>
        problems.add(shown, `record ${number} at byte ${at}: ${problem}; ${consequence}`)
      const whole = await readRecord(bytes, at)
      if ('problem' in whole) {
        const next = whole.next ?? (await nextHead(bytes, at + 1, watcher))
        where(whole.problem, next < size ? `left out, and read on at byte ${next}` : lostRest(size - at))
        at = next
        continue
      }
      const found = exampleOf(whole.contents)
      if (typeof found === 'string') where(found, 'left out')
      else {
        const { label, text, synset, image } = found
        imageSize ??= pictureSize(image)
        records.push({ number, offset: at + headBytes, length: whole.contents.length, label, text, synset })
      }
      at += headBytes + whole.contents.length + tailBytes
    }
    return { sizeBytes: size, records, imageSize }
  } finally {
    await file.close()
  }
}

function lostRest(bytes: number): string {
  return `it and all that follows, ${bytes} bytes, left out. Fetch the file again`
}

async function readRecord(
  bytes: FileWindow,
  at: number,
): Promise<{ readonly contents: Uint8Array } | { readonly problem: string; readonly next?: number }> {
  const left = bytes.size - at - headBytes
  if (left < 0)
    return { problem: `it is cut short: ${bytes.size - at} bytes where its head has ${headBytes}` }
  const head = readHead(await bytes.at(at, headBytes), 0, left)
  if ('problem' in head) return head
  const whole = await bytes.at(at + headBytes, head.length + tailBytes)
  const contents = whole.subarray(0, head.length)
  const stored = new DataView(whole.buffer, whole.byteOffset + head.length, tailBytes).getUint32(0, true)
  if (contentsMatch(contents, stored)) return { contents }
  return { problem: 'its contents fail their checksum', next: at + headBytes + head.length + tailBytes }
}

/** Where the next record begins; the end of the file where none does. */
async function nextHead(bytes: FileWindow, from: number, watcher: ScanWatcher): Promise<number> {
  for (let start = from; start + headBytes <= bytes.size; start += windowBytes) {
    watcher.throwIfCancelled()
    const length = Math.min(windowBytes + headBytes, bytes.size - start)
    const some = await bytes.at(start, length)
    for (let at = 0; at + headBytes <= length && at < windowBytes; at++) {
      if (!mayBeHead(some, at)) continue
      if ('length' in readHead(some, at, bytes.size - start - at - headBytes)) return start + at
    }
  }
  return bytes.size
}

/** The example with its label, or why it cannot be used. */
function exampleOf(contents: Uint8Array): (ImageExample & { readonly label: number }) | string {
  let example: ImageExample
  try {
    example = readExample(contents)
  } catch (thrown) {
    if (thrown instanceof MalformedMessage) return thrown.message
    throw thrown
  }
  const { label, image } = example
  const found = sniff(image)
  if (found.kind === 'unreadable-image') return `its picture is a ${found.format} file, which is not read`
  if (found.kind === 'other') return 'its picture is no JPEG, PNG, WebP or GIF image'
  if (label === null) return 'it has no label: expected image/class/label'
  return { ...example, label }
}

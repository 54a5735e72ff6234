/** Looks at the first bytes of every file: pictures stay, whatever they are called; anything else is reported. */
import { open } from 'node:fs/promises'
import { joinPath, shownName } from './fileName.ts'
import { pictureSize, promisedFormat, sizeBytes, sniff, sniffBytes } from './pictureHeader.ts'
import { unreadable } from './pixels.ts'
import type { Scan } from './reader.ts'
import type { FoundFile, Walk } from './walk.ts'

/** Files looked at side by side: slow disks answer several at once. */
const atOnce = 24
const progressEvery = 200

/**
 * The files that are pictures, in the order given.
 * @param done files checked before, for progress
 * @param total files to check in all
 */
export async function picturesAmong<File extends FoundFile>(
  walk: Walk,
  files: readonly File[],
  done: number,
  total: number,
): Promise<File[]> {
  const isPicture = new Uint8Array(files.length)
  let next = 0
  const check = async (): Promise<void> => {
    const head = Buffer.alloc(sniffBytes)
    while (next < files.length) {
      const at = next++
      if (at % progressEvery === 0) {
        walk.watcher.throwIfCancelled()
        walk.watcher.progress('Checking files', done + at, total)
      }
      if (await isReadablePicture(walk, files[at] as File, head)) isPicture[at] = 1
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, files.length) }, check))
  return files.filter((_, at) => isPicture[at] === 1)
}

/** Size of a picture in pixels from its header, or null. */
async function sizeOf(walk: Walk, file: FoundFile): Promise<ReturnType<typeof pictureSize>> {
  const head = Buffer.alloc(sizeBytes)
  const length = await readHead(walk, file, head)
  return pictureSize(head.subarray(0, length))
}

/** A hint of what the pictures are like: the first one's size, as decoding would give it. */
export async function shownSize(walk: Walk, first: FoundFile | undefined): Promise<Scan['imageSize']> {
  const size = first && (await sizeOf(walk, first).catch(() => null))
  return size ? { ...size, channels: size.channels === 1 ? 1 : 3 } : null
}

async function isReadablePicture(walk: Walk, file: FoundFile, head: Buffer): Promise<boolean> {
  const path = joinPath(file.folder, file.name)
  let length: number
  try {
    length = await readHead(walk, file, head)
  } catch (thrown) {
    walk.problems.add(path, `${unreadable(shownName(file.name), thrown).message}; left out`)
    return false
  }
  const found = sniff(head.subarray(0, length))
  const name = shownName(file.name)
  const promised = promisedFormat(name)
  if (length === 0) walk.problems.add(path, 'an empty file; left out')
  else if (found.kind === 'unreadable-image') {
    walk.problems.add(path, `a ${found.format} file, which is not read; left out. Convert it to JPEG or PNG`)
  } else if (found.kind === 'other') {
    walk.problems.add(
      path,
      promised ? `not an image, although its name says ${promised}; left out` : 'not an image; left out',
    )
  } else if (promised && promised !== found.format) {
    walk.problems.add(
      path,
      `a ${found.format} image, although its name says ${promised}; read as ${found.format}`,
    )
  }
  return found.kind === 'image'
}

async function readHead(walk: Walk, file: FoundFile, head: Buffer): Promise<number> {
  const handle = await open(joinPath(walk.root, file.folder, file.name), 'r')
  try {
    return (await handle.read(head, 0, head.length, 0)).bytesRead
  } finally {
    await handle.close()
  }
}

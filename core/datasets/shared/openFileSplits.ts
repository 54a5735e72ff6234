/** Opens splits of separate files by their index: what all formats of files share. */
import { readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { briefReader } from './briefRead.ts'
import { openFiles, shownPath, type FileList } from './fileList.ts'
import { joinPath } from './fileName.ts'
import type { OpenIndex } from './indexFile.ts'
import { unreadable } from './pixels.ts'
import type { OpenDataset, Split, SplitName } from './reader.ts'

/** @param path root of the data set */
export function openFileSplits(
  path: string,
  splits: readonly SplitName[],
  index: OpenIndex<unknown>,
): OpenDataset['splits'] {
  const root = Buffer.from(path)
  return Object.fromEntries(splits.map(name => [name, openSplit(root, openFiles(name, index))]))
}

function openSplit(root: Buffer, files: FileList): Split {
  const readNext = briefReader()
  return {
    count: files.count,
    labels: files.labels,
    name: at => shownPath(files, at),
    read: async at => {
      try {
        // Decode threads have nothing else to do; without a trip to the thread pool this is several times faster.
        return { kind: 'encoded', bytes: readFileSync(joinPath(root, files.path(at))) }
      } catch (thrown) {
        throw unreadable(shownPath(files, at), thrown)
      }
    },
    head: async (at, length) => {
      try {
        const file = await open(joinPath(root, files.path(at)), 'r')
        try {
          const { size } = await file.stat()
          const bytes = new Uint8Array(Math.min(length, size))
          const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
          return { bytes: bytes.subarray(0, bytesRead), sizeBytes: size }
        } finally {
          await file.close()
        }
      } catch (thrown) {
        throw unreadable(shownPath(files, at), thrown)
      }
    },
    readBriefly: at => {
      try {
        return { kind: 'encoded', bytes: readNext(joinPath(root, files.path(at))) }
      } catch (thrown) {
        throw unreadable(shownPath(files, at), thrown)
      }
    },
  }
}

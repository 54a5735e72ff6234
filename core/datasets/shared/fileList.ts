/** Labelled files of a split as blocks of an index, and back: a million names without a million objects. */
import { joinPath, shownName, type ByteString } from './fileName.ts'
import type { IndexBlocks, OpenIndex } from './indexFile.ts'
import type { FoundFile } from './walk.ts'

export interface LabelledFile extends FoundFile {
  readonly label: number
}

/** The files of a split by index. */
export interface FileList {
  readonly count: number
  /** [count] */
  readonly labels: Int32Array
  /** Path below the root, exact bytes. */
  path(index: number): Buffer
}

/** Blocks for `packIndex`; their names begin with the split's. */
export function packFiles(split: string, files: readonly LabelledFile[]): IndexBlocks {
  const folders: Buffer[] = []
  const folderOf = new Int32Array(files.length)
  const numbers = new Map<string, number>()
  files.forEach(({ folder }, at) => {
    const key = folder.toString('latin1')
    const known = numbers.get(key) ?? folders.push(folder) - 1
    numbers.set(key, known)
    folderOf[at] = known
  })
  return {
    [`${split}/labels`]: Int32Array.from(files, ({ label }) => label),
    [`${split}/folderOf`]: folderOf,
    ...packNames(
      `${split}/names`,
      files.map(({ name }) => name),
    ),
    ...packNames(`${split}/folders`, folders),
  }
}

export function openFiles(split: string, index: OpenIndex<unknown>): FileList {
  const labels = index.integers(`${split}/labels`)
  const folderOf = index.integers(`${split}/folderOf`)
  const names = openNames(`${split}/names`, index)
  const folders = openNames(`${split}/folders`, index)
  return {
    count: labels.length,
    labels,
    path: at => joinPath(folders(folderOf[at] as number), names(at)),
  }
}

/** The path of a file to show. */
export function shownPath(list: FileList, index: number): string {
  return shownName(list.path(index))
}

function packNames(block: string, names: readonly (Buffer | ByteString)[]): IndexBlocks {
  const ends = new Int32Array(names.length)
  let end = 0
  names.forEach((name, at) => {
    end += name.length
    ends[at] = end
  })
  const bytes = Buffer.alloc(end)
  names.forEach((name, at) => {
    const from = at === 0 ? 0 : (ends[at - 1] as number)
    if (typeof name === 'string') bytes.write(name, from, 'latin1')
    else bytes.set(name, from)
  })
  return { [block]: bytes, [`${block}/ends`]: ends }
}

function openNames(block: string, index: OpenIndex<unknown>): (at: number) => Uint8Array {
  const bytes = index.bytes(block)
  const ends = index.integers(`${block}/ends`)
  return at => bytes.subarray(at === 0 ? 0 : ends[at - 1], ends[at])
}

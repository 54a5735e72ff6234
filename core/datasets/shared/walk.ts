/**
 * Walks folders of files: names stay bytes, symbolic links are followed but never in a circle, and what cannot be read
 * is reported instead of ending the walk.
 */
import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { AppError } from '../../errors/index.ts'
import { joinPath, shownName, type ByteString } from './fileName.ts'
import { unreadable } from './pixels.ts'
import { Problems } from './problems.ts'
import type { ScanWatcher } from './reader.ts'

/** What is directly in a folder, sorted by bytes; hidden entries are left out. */
export interface FolderContent {
  readonly folders: readonly Buffer[]
  readonly files: readonly ByteString[]
}

/** A file by folder, relative to the walk's root, and name. */
export interface FoundFile {
  readonly folder: Buffer
  readonly name: ByteString
}

/** One scan's walk over a data set. */
export interface Walk {
  readonly root: Buffer
  readonly problems: Problems
  readonly watcher: ScanWatcher
  /** Files seen so far. */
  fileCount: number
}

export function beginWalk(path: string, watcher: ScanWatcher): Walk {
  return { root: Buffer.from(path), problems: new Problems(), watcher, fileCount: 0 }
}

/** Folders within folders, below a class. */
const deepest = 16
/** Files of one data set; more is taken for a mistake, such as choosing `/`. */
const mostFiles = 50_000_000
/** What desktops leave behind. */
const ignored = /^(\..*|Thumbs\.db|desktop\.ini|__MACOSX|lost\+found|@eaDir)$/i

/** Folders and files in `folder` (relative to the root; empty for the root itself). @throws AppError data-unreadable */
export async function folderContent(walk: Walk, folder: Buffer): Promise<FolderContent> {
  const path = joinPath(walk.root, folder)
  const entries = await readdir(path, { encoding: 'buffer', withFileTypes: true }).catch(
    (thrown: unknown) => {
      throw unreadable(shownName(path), thrown)
    },
  )
  const folders: Buffer[] = []
  const files: ByteString[] = []
  for (const entry of entries) {
    if (ignored.test(entry.name.toString('latin1'))) continue
    const kind = await kindOf(walk, folder, entry)
    if (kind === 'folder') folders.push(entry.name)
    if (kind === 'file') files.push(entry.name.toString('latin1'))
  }
  return { folders: folders.sort(Buffer.compare), files: files.sort() }
}

/**
 * All files in a folder and below it, in a fixed order.
 * @param above folders that a link may not lead back to, beside the root
 */
export async function* filesBelow(
  walk: Walk,
  folder: Buffer,
  above: readonly Buffer[],
): AsyncGenerator<FoundFile> {
  const parents = []
  for (const each of [Buffer.alloc(0), ...above]) parents.push(await identityOf(joinPath(walk.root, each)))
  yield* below(walk, folder, parents)
}

async function* below(walk: Walk, folder: Buffer, parents: readonly string[]): AsyncGenerator<FoundFile> {
  const identity = await identityOf(joinPath(walk.root, folder))
  if (parents.includes(identity))
    return walk.problems.add(folder, 'a symbolic link to a folder above it; left out')
  if (parents.length >= deepest)
    return walk.problems.add(folder, `more than ${deepest} folders deep; left out`)
  const content = await folderContent(walk, folder).catch((thrown: unknown) => {
    walk.problems.add(folder, `${AppError.from(thrown).message}; left out`)
    return { folders: [], files: [] }
  })
  walk.watcher.throwIfCancelled()
  for (const name of content.files) {
    countFile(walk)
    yield { folder, name }
  }
  for (const name of content.folders) yield* below(walk, joinPath(folder, name), [...parents, identity])
}

function countFile(walk: Walk): void {
  walk.fileCount++
  if (walk.fileCount % 1000 === 0) walk.watcher.progress('Listing files', walk.fileCount, 0)
  if (walk.fileCount <= mostFiles) return
  const root = shownName(walk.root)
  throw new AppError(
    'data-invalid',
    `${root}: more than ${mostFiles} files. Choose the folder that holds train/ and val/`,
    {
      file: root,
    },
  )
}

/** Links are followed; sockets, pipes and devices are neither. */
async function kindOf(
  walk: Walk,
  folder: Buffer,
  entry: Dirent<Buffer>,
): Promise<'folder' | 'file' | 'other'> {
  if (entry.isDirectory()) return 'folder'
  if (entry.isFile()) return 'file'
  const path = joinPath(folder, entry.name)
  try {
    const info = await stat(joinPath(walk.root, path))
    if (info.isDirectory()) return 'folder'
    if (info.isFile()) return 'file'
    walk.problems.add(path, 'neither a file nor a folder; left out')
  } catch (thrown) {
    const errno = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
    walk.problems.add(
      path,
      errno === 'ELOOP' ? 'a symbolic link in a circle; left out' : 'a symbolic link to nothing; left out',
    )
  }
  return 'other'
}

async function identityOf(path: Buffer): Promise<string> {
  const info = await stat(path, { bigint: true }).catch(() => null)
  return info ? `${info.dev}:${info.ino}` : path.toString('latin1')
}

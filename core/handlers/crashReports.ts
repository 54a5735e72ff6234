/** What crashed or hanging programs left in the data folder: minidumps of Electron, diagnostic reports of Node. Nobody is sent any. */
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { CrashReport } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import type { DataFolders } from './ports.ts'

interface Place {
  readonly kind: CrashReport['kind']
  readonly folder: string
  readonly pattern: RegExp
}

/** Where Electron puts its own below the data folder, as main/index.ts tells it. */
export const crashFolder = (root: string): string => join(root, 'crashes')

const places = ({ root, logs }: Pick<DataFolders, 'root' | 'logs'>): Place[] => [
  ...['completed', 'pending', 'new', 'reports'].map(name => ({
    kind: 'window' as const,
    folder: join(crashFolder(root), name),
    pattern: /^[\w-]+\.dmp$/,
  })),
  { kind: 'training', folder: logs, pattern: /^report\.[\w.]+\.json$/ },
]

/** Newest first. */
export async function listCrashReports(folders: Pick<DataFolders, 'root' | 'logs'>): Promise<CrashReport[]> {
  const found = await Promise.all(places(folders).map(listIn))
  return found
    .flat()
    .sort((a, b) => b.at - a.at)
    .map(({ path: _path, ...report }) => report)
}

/** Ids that are not there are passed over: another window may have deleted them. @throws AppError data-unreadable. */
export async function deleteCrashReports(
  folders: Pick<DataFolders, 'root' | 'logs'>,
  ids: readonly string[],
): Promise<void> {
  const found = await Promise.all(places(folders).map(listIn))
  try {
    for (const { id, path } of found.flat()) if (ids.includes(id)) await rm(path, { force: true })
  } catch (thrown) {
    throw AppError.from(thrown, 'Deleting crash reports')
  }
}

async function listIn({ kind, folder, pattern }: Place): Promise<(CrashReport & { path: string })[]> {
  const names = await readdir(folder).catch(() => [])
  const found = names
    .filter(name => pattern.test(name))
    .map(async name => {
      const path = join(folder, name)
      const state = await stat(path).catch(() => null)
      return state ? [{ id: name, kind, at: state.mtimeMs, bytes: state.size, path }] : []
    })
  return (await Promise.all(found)).flat()
}

/** What the newest search for duplicates found in a data set, kept beside its index until it is scanned again. */
import { readFile } from 'node:fs/promises'
import type { TaskValue } from '../processes/protocol.ts'
import { duplicatesPath, indexVersion } from './datasetViews.ts'
import type { DataFolders } from './ports.ts'
import { writeWhole } from './writeWhole.ts'

export interface FoundDuplicates {
  /** Of the index that was searched; another scan makes it void. */
  readonly indexVersion: string
  readonly betweenOnly: boolean
  readonly report: TaskValue<'duplicates'>
}

/** @returns null where nothing was looked for since the last scan */
export async function readDuplicates(folders: DataFolders, id: string): Promise<FoundDuplicates | null> {
  const text = await readFile(duplicatesPath(folders, id), 'utf8').catch(() => null)
  if (text === null) return null
  try {
    const found = JSON.parse(text) as FoundDuplicates
    return found.indexVersion === indexVersion(folders, id) ? found : null
  } catch {
    // Cut short by a full disk or a hand: as if nothing had been looked for.
    return null
  }
}

export function writeDuplicates(folders: DataFolders, id: string, found: FoundDuplicates): Promise<void> {
  return writeWhole(duplicatesPath(folders, id), JSON.stringify(found))
}

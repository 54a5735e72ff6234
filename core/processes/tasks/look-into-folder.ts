/** The folders within a folder, and which format of data set it has, for someone who chooses one. */
import { readdir } from 'node:fs/promises'
import { detectReader } from '../../data/index.ts'
import { unreadable } from '../../datasets/shared/pixels.ts'
import { AppError } from '../../errors/index.ts'
import type { Task } from '../protocol.ts'

/** Of a folder with more the rest is not shown. */
const mostFolders = 2000

export const lookIntoFolder: Task<'look-into-folder'> = {
  name: 'look-into-folder',
  async run({ path }) {
    const entries = await readdir(path, { withFileTypes: true }).catch((thrown: unknown) => {
      throw unreadable(path, thrown)
    })
    const folders = entries
      .filter(entry => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .sort(new Intl.Collator('en', { numeric: true }).compare)
    const recognised = await detectReader(path).catch((thrown: unknown) => {
      if (thrown instanceof AppError) return null
      throw thrown
    })
    return {
      folders: folders.slice(0, mostFolders),
      isCut: folders.length > mostFolders,
      fileCount: entries.filter(entry => entry.isFile()).length,
      recognised,
    }
  },
}

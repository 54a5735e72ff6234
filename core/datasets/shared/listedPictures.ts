/** From the lines of a list to pictures that are there: what is missing or no picture is told by file and line. */
import { access } from 'node:fs/promises'
import { picturesAmong } from './checkFiles.ts'
import { filePlace, type ListRow } from './csvTable.ts'
import { joinPath, shownName } from './fileName.ts'
import type { FoundFile, Walk } from './walk.ts'

export interface ListedPicture extends FoundFile {
  readonly row: ListRow
}

/** Files looked for side by side. */
const atOnce = 24
const progressEvery = 500

/**
 * @param pathOf path of a line's image, below the root
 * @throws AppError data-invalid for a path that leads out of the data set, cancelled
 */
export async function listedPictures(
  walk: Walk,
  rows: readonly ListRow[],
  pathOf: (row: ListRow) => string,
): Promise<ListedPicture[]> {
  const root = shownName(walk.root)
  const files = rows.map(row => ({ row, ...filePlace(root, row, pathOf(row)) }))
  const isThere = new Uint8Array(files.length)
  let next = 0
  const look = async (): Promise<void> => {
    while (next < files.length) {
      const at = next++
      const { folder, name, row } = files[at] as ListedPicture
      if (at % progressEvery === 0) {
        walk.watcher.throwIfCancelled()
        walk.watcher.progress('Looking for listed files', at, files.length)
      }
      const found = await access(joinPath(walk.root, folder, name)).then(
        () => true,
        () => false,
      )
      if (found) isThere[at] = 1
      else walk.problems.add(row.file, `line ${row.line}: there is no file ${pathOf(row)}; left out`)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, files.length) }, look))
  const there = files.filter((_, at) => isThere[at] === 1)
  return picturesAmong(walk, there, 0, there.length)
}

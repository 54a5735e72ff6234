/** Labels and tags that the user gave to images. */
import type { SplitName } from '../contract/index.ts'
import type { Database } from './engine.ts'
import { json } from './rows.ts'

export interface ImageEdit {
  readonly split: SplitName
  /** Of the image, within its split. */
  readonly name: string
  /** Index of the image when it was edited. */
  readonly place: number
  /** Name of the class that the user chose; null: as scanned. */
  readonly label: string | null
  /** Name of the class that the scan found. */
  readonly was: string
  readonly tags: readonly string[]
}

export interface ImageEditStore {
  list(datasetId: string): ImageEdit[]
  /** Those of some images of a split, by name. */
  of(datasetId: string, split: SplitName, names: readonly string[]): Map<string, ImageEdit>
  /** Writes edits; one without label and tags is forgotten. */
  put(datasetId: string, edits: readonly ImageEdit[]): void
}

const columns = 'split, name, place, label, was, tags'

export function imageEditStore(database: Database): ImageEditStore {
  const list = database.prepare(
    `SELECT ${columns} FROM image_edits WHERE dataset_id = ? ORDER BY split, place, name`,
  )
  const one = database.prepare(
    `SELECT ${columns} FROM image_edits WHERE dataset_id = ? AND split = ? AND name = ?`,
  )
  const put = database.prepare('INSERT OR REPLACE INTO image_edits VALUES (?, ?, ?, ?, ?, ?, ?)')
  const drop = database.prepare('DELETE FROM image_edits WHERE dataset_id = ? AND split = ? AND name = ?')
  return {
    list: id => (list.all(id) as EditRow[]).map(fromRow),
    of: (id, split, names) =>
      new Map(
        names.flatMap(name => {
          const row = one.get(id, split, name) as EditRow | undefined
          return row ? [[name, fromRow(row)] as const] : []
        }),
      ),
    put: database.transaction((id: string, edits: readonly ImageEdit[]) => {
      for (const { split, name, place, label, was, tags } of edits) {
        if (label === null && tags.length === 0) drop.run(id, split, name)
        else put.run(id, split, name, place, label, was, JSON.stringify(tags))
      }
    }),
  }
}

type EditRow = Omit<ImageEdit, 'tags'> & { readonly tags: string }

function fromRow(row: EditRow): ImageEdit {
  return { ...row, tags: json(row.tags, `the tags of ${row.name}`) }
}

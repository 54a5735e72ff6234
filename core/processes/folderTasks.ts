/** Tasks on folders of the workbench itself. */
import type { ImportedCheckpoint, ImportOrder } from '../importing/importCheckpoint.ts'

export type { ImportedCheckpoint }

export interface FolderTasks {
  /** Bytes and files below each path; a path that is not there has none. */
  readonly 'measure-folders': {
    readonly input: { readonly paths: readonly string[] }
    readonly value: {
      readonly sizes: readonly { readonly bytes: number; readonly files: number }[]
      /** Room for this user on the disk of the first path. */
      readonly freeBytes: number | null
    }
  }
  /** Deletes folders with everything below; those that are not there count as deleted. */
  readonly 'delete-folders': {
    readonly input: { readonly paths: readonly string[] }
    readonly value: { readonly deleted: readonly string[] }
  }
  /** Weights from elsewhere as a checkpoint. */
  readonly 'import-weights': { readonly input: ImportOrder; readonly value: ImportedCheckpoint }
}

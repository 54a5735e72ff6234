/** Tasks that look at folders of the workbench itself. */
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
}

import type { Image } from '../../transforms/shared/transform.ts'
import type { RetrievalTruth } from './retrievalTruth.ts'

/** `query` and `gallery` are those of data sets made for retrieval. */
export type SplitName = 'train' | 'val' | 'test' | 'query' | 'gallery'

/** What a file holds: an encoded picture still to be decoded, or pixels. */
export type Sample =
  | { readonly kind: 'encoded'; readonly bytes: Uint8Array }
  | { readonly kind: 'pixels'; readonly image: Image }

/** One split of an opened data set. */
export interface Split {
  readonly count: number
  /** Class of every sample, [count]. */
  readonly labels: Int32Array
  /** Those that the scan found, where the user has relabelled some since, [count]. */
  readonly scannedLabels?: Int32Array
  /** A name a person recognises: the file's path below the root, or `data_batch_1.bin #17`. */
  name(index: number): string
  /** @throws AppError data-unreadable or data-invalid, naming the file. */
  read(index: number): Promise<Sample>
  /** The same for those who are done with the bytes before they read again: the next call takes the memory. */
  readBriefly?(index: number): Sample
  /** Formats of separate files: the first bytes of one, at most `length`, and its whole size. @throws AppError data-unreadable */
  head?(index: number, length: number): Promise<{ readonly bytes: Uint8Array; readonly sizeBytes: number }>
}

/** Pixels of splits in memory that threads share. */
export type SharedPixels = Readonly<Partial<Record<SplitName, SharedArrayBuffer>>>

/** A data set ready to read, from any thread, by index. */
export interface OpenDataset {
  readonly classes: readonly string[]
  readonly splits: Readonly<Partial<Record<SplitName, Split>>>
  /** Which images of the gallery answer which query, where the data set says so itself. */
  readonly retrieval?: RetrievalTruth
  /**
   * Formats that hold pixels: reads those of a split into memory that other threads can share, once. Formats of
   * separate files do not have it.
   */
  share?(split: SplitName): Promise<SharedArrayBuffer>
  close(): Promise<void>
}

/** What a scan found wrong with one file. */
export interface Problem {
  /** Path below the root, escaped where it is not UTF-8. */
  readonly file: string
  readonly problem: string
}

/** Progress of a scan; called often, cheap. */
export interface ScanWatcher {
  progress(phase: string, done: number, total: number): void
  /** Throws AppError cancelled once the user has stopped the scan. */
  throwIfCancelled(): void
}

/** The outcome of a scan. `index` is what `open` needs and what is written to the index file. */
export interface Scan {
  readonly classes: readonly string[]
  readonly splits: readonly {
    readonly name: SplitName
    readonly count: number
    readonly classCounts: readonly number[]
  }[]
  readonly imageSize: { readonly width: number; readonly height: number; readonly channels: number } | null
  readonly problems: readonly Problem[]
  readonly index: Uint8Array
}

/** Where a data set lies, as host, trainer, worker and decode threads pass it on. Plain JSON. */
export interface DatasetRef {
  readonly id: string
  readonly reader: string
  readonly path: string
  readonly options: Readonly<Record<string, unknown>>
  /** File that holds what the scan wrote. */
  readonly indexPath: string
  /** File with the labels that the user has changed; left out: none. */
  readonly labelsPath?: string
}

/** A format of data sets. */
export interface Reader {
  /** How well the folder fits this format, from what a quick look shows: 0 not at all, 1 certain; with the reason. */
  recognise(path: string): Promise<{ readonly score: number; readonly reason: string }>
  /** @throws AppError data-invalid or data-unreadable that names folder, what was expected and the remedy. */
  scan(path: string, watcher: ScanWatcher): Promise<Scan>
  /**
   * @param index what the scan wrote; may lie in shared memory
   * @param shared pixels that another thread has read already, from `share`
   * @throws AppError data-invalid when the index is damaged or the files have changed since the scan.
   */
  open(path: string, index: Uint8Array, shared?: SharedPixels): Promise<OpenDataset>
}

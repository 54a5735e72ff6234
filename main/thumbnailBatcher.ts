/** Gathers the thumbnails that a scrolling grid asks for one by one into tasks of many. */
import { AppError } from '../core/errors/index.ts'
import type { Thumbnail } from '../core/processes/protocol.ts'
import type { DatasetRef, SplitName } from '../core/datasets/shared/reader.ts'

export interface ThumbnailSource {
  readonly dataset: DatasetRef
  /** Changes when the data set is scanned again. */
  readonly version: string
  readonly split: SplitName
  readonly index: number
}

interface Batch {
  readonly source: ThumbnailSource
  readonly waiting: Map<number, ((found: Thumbnail | AppError) => void)[]>
}

/** Time that a batch stays open, in milliseconds, and its most images. */
const gatherMs = 8
const mostImages = 64

export class ThumbnailBatcher {
  private readonly open = new Map<string, Batch>()
  private readonly make: (
    source: ThumbnailSource,
    indices: readonly number[],
  ) => Promise<readonly Thumbnail[]>

  constructor(make: (source: ThumbnailSource, indices: readonly number[]) => Promise<readonly Thumbnail[]>) {
    this.make = make
  }

  /** @throws AppError of the task; a single image that cannot be decoded is `bytes` null. */
  async get(source: ThumbnailSource): Promise<Thumbnail> {
    const key = `${source.dataset.id}/${source.version}/${source.split}`
    const batch = this.open.get(key) ?? this.begin(key, source)
    const found = await new Promise<Thumbnail | AppError>(resolve => {
      batch.waiting.set(source.index, [...(batch.waiting.get(source.index) ?? []), resolve])
      if (batch.waiting.size >= mostImages) this.open.delete(key)
    })
    if (found instanceof AppError) throw found
    return found
  }

  private begin(key: string, source: ThumbnailSource): Batch {
    const batch: Batch = { source, waiting: new Map() }
    this.open.set(key, batch)
    setTimeout(() => {
      if (this.open.get(key) === batch) this.open.delete(key)
      void this.run(batch)
    }, gatherMs)
    return batch
  }

  private async run({ source, waiting }: Batch): Promise<void> {
    const indices = [...waiting.keys()]
    const found = await this.make(source, indices).catch((thrown: unknown) => AppError.from(thrown))
    for (const [index, listeners] of waiting) {
      const one = found instanceof AppError ? found : found.find(each => each.index === index)
      const missing = new AppError('not-found', `The split has no image ${index}`)
      for (const listener of listeners) listener(one ?? missing)
    }
  }
}

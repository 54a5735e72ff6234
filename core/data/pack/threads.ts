/** Threads that pack: one file each at a time. */
import { Worker } from 'node:worker_threads'
import type { DatasetRef } from '../../datasets/shared/reader.ts'
import { AppError, type ErrorReply } from '../../errors/index.ts'
import type { SharedDataset } from '../openDataset.ts'
import type { PackOptions, PlannedShard, WrittenShard } from './types.ts'

/** Plain data that travels to a thread. */
export interface PackThreadData {
  readonly dataset: DatasetRef
  readonly shared: SharedDataset
  readonly shards: readonly PlannedShard[]
  readonly out: string
  readonly options: PackOptions
  /** 64-bit numbers by `counters`. */
  readonly control: SharedArrayBuffer
}

/** What threads and packer share: place in `shards` of the next file, images and bytes written, whether to end. */
export const counters = { next: 0, images: 1, bytes: 2, isCancelled: 3, length: 4 } as const

export type FromPackThread =
  | { readonly type: 'written'; readonly shard: WrittenShard }
  | { readonly type: 'failed'; readonly error: ErrorReply }

/**
 * Runs until every thread has ended. The first failure ends the others.
 * @param written called for each file, one after the other
 * @throws AppError of the first thread that failed
 */
export async function runPackThreads(
  count: number,
  data: PackThreadData,
  written: (shard: WrittenShard) => Promise<void>,
): Promise<void> {
  const state = new BigInt64Array(data.control)
  let failure: AppError | null = null
  let journal: Promise<void> = Promise.resolve()
  const fail = (error: AppError): void => {
    failure ??= error
    Atomics.store(state, counters.isCancelled, 1n)
  }
  const run = (): Promise<void> =>
    new Promise(resolve => {
      const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
      const thread = new Worker(new URL(`./packThread.${extension}`, import.meta.url), { workerData: data })
      thread.on('message', (message: FromPackThread) => {
        if (message.type === 'failed') fail(AppError.fromReply(message.error))
        else
          journal = journal
            .then(() => written(message.shard))
            .catch((thrown: unknown) => fail(AppError.from(thrown)))
      })
      thread.on('error', (thrown: unknown) => fail(AppError.from(thrown, 'A packing thread broke down')))
      thread.on('exit', () => resolve())
    })
  await Promise.all(Array.from({ length: count }, run))
  await journal
  if (failure) throw failure
}

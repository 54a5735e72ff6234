/** Decoders: something that fills a slot. Either decode threads, or this thread itself. */
import { Worker } from 'node:worker_threads'
import { AppError, type ErrorReply } from '../errors/index.ts'
import type { SharedDataset } from './openDataset.ts'
import type { PrepareItem } from './prepareItem.ts'
import { release, type RingMemory, type Slot } from './ring.ts'
import type { LoaderOptions } from './types.ts'
import { workSlot, type BadPlace } from './workSlot.ts'

/** Fills slots. */
export interface Decoder {
  /** Decodes the first `taskCount` tasks of a slot. Rejects when the decoder has broken down. */
  run(slot: Slot, taskCount: number, epoch: number): Promise<readonly BadPlace[]>
  /** Ends all threads; what is under way is rejected. */
  close(): Promise<void>
}

export interface ThreadData {
  readonly options: LoaderOptions
  readonly shared: SharedDataset
  readonly ring: RingMemory
  readonly chunk: number
}

export type ToThread = { readonly type: 'work'; readonly slot: number } | { readonly type: 'close' }
export type FromThread =
  | {
      readonly type: 'worked'
      readonly slot: number
      readonly done: number
      readonly bad: readonly BadPlace[]
    }
  | { readonly type: 'failed'; readonly error: ErrorReply }

/** How long a thread may finish what it is doing before it is ended by force. */
const closeMs = 3000

/** Work under way on one slot. */
interface Job {
  left: number
  readonly bad: BadPlace[]
  resolve(bad: readonly BadPlace[]): void
  reject(error: AppError): void
}

/** Decodes in the calling thread. */
export function inlineDecoder(prepare: PrepareItem, imageBytes: number): Decoder {
  return {
    run: async (slot, taskCount, epoch) => {
      release(slot, taskCount, epoch)
      return (await workSlot(slot, prepare, imageBytes, taskCount)).bad
    },
    close: async () => {},
  }
}

/** Decodes in `count` threads. The first that fails or ends fails all that is under way and all that comes. */
export function threadDecoder(count: number, data: ThreadData): Decoder {
  const jobs = new Map<number, Job>()
  let broken: AppError | null = null
  const breakDown = (error: AppError): void => {
    broken ??= error
    for (const job of jobs.values()) job.reject(broken)
    jobs.clear()
  }
  const threads = Array.from({ length: count }, () => startThread(data, jobs, breakDown))
  return {
    run: (slot, taskCount, epoch) =>
      new Promise((resolve, reject) => {
        if (broken) return reject(broken)
        jobs.set(slot.number, { left: taskCount, bad: [], resolve, reject })
        release(slot, taskCount, epoch)
        for (const thread of threads)
          thread.postMessage({ type: 'work', slot: slot.number } satisfies ToThread)
      }),
    close: async () => {
      breakDown(new AppError('cancelled', 'The loader was closed'))
      await Promise.all(threads.map(endThread))
    },
  }
}

function startThread(data: ThreadData, jobs: Map<number, Job>, breakDown: (error: AppError) => void): Worker {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const thread = new Worker(new URL(`./decodeThread.${extension}`, import.meta.url), { workerData: data })
  thread.on('message', (message: FromThread) => {
    if (message.type === 'failed') breakDown(AppError.fromReply(message.error))
    else finish(jobs, message)
  })
  thread.on('error', (thrown: unknown) => breakDown(AppError.from(thrown, 'A decode thread broke down')))
  thread.on('exit', code =>
    breakDown(new AppError('internal', `A decode thread ended unexpectedly (exit code ${code})`, { code })),
  )
  return thread
}

function finish(jobs: Map<number, Job>, { slot, done, bad }: FromThread & { type: 'worked' }): void {
  const job = jobs.get(slot)
  if (!job) return
  job.left -= done
  job.bad.push(...bad)
  if (job.left > 0) return
  jobs.delete(slot)
  job.resolve(job.bad.sort((one, other) => one.place - other.place))
}

async function endThread(thread: Worker): Promise<void> {
  const ended = new Promise<void>(resolve => thread.once('exit', () => resolve()))
  if (thread.threadId === -1) return
  thread.postMessage({ type: 'close' } satisfies ToThread)
  const timer = setTimeout(() => void thread.terminate(), closeMs)
  await ended
  clearTimeout(timer)
}

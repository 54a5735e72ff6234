/**
 * A process of its own that fetches a libtorch: hashing and unpacking gigabytes must not hold up the host. It takes one message, the
 * order, and ends after its answer; when its channel drops, it stops, and what has come is kept.
 */
import { AppError } from '../../core/errors/index.ts'
import type { ErrorReply } from '../../core/errors/index.ts'
import { fetchLibtorch, type FetchPhase } from './fetch.ts'
import type { PinnedLibtorch } from './pins.ts'

export interface ToFetcher {
  readonly pinned: PinnedLibtorch
  readonly folder: string
}

export type FromFetcher =
  | { readonly type: 'progress'; readonly phase: FetchPhase; readonly done: number; readonly total: number }
  | { readonly type: 'done'; readonly folder: string }
  | { readonly type: 'failed'; readonly error: ErrorReply }

const tellEveryMs = 200

const stop = new AbortController()
process.on('disconnect', () => stop.abort())
process.once('message', (message: ToFetcher) => void run(message))

async function run({ pinned, folder }: ToFetcher): Promise<void> {
  let toldAt = 0
  let toldPhase = ''
  const onProgress = (phase: FetchPhase, done: number, total: number): void => {
    if (phase === toldPhase && done < total && performance.now() - toldAt < tellEveryMs) return
    toldAt = performance.now()
    toldPhase = phase
    tell({ type: 'progress', phase, done, total })
  }
  try {
    tell({ type: 'done', folder: await fetchLibtorch({ pinned, folder, signal: stop.signal, onProgress }) })
  } catch (thrown) {
    tell({ type: 'failed', error: AppError.from(thrown).toReply() })
  }
  process.disconnect?.()
}

function tell(message: FromFetcher): void {
  if (process.connected) process.send?.(message)
}

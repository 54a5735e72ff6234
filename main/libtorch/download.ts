/**
 * Downloads one large file whose SHA-256 is known. What an interrupted download has brought stays beside the target and the next one goes
 * on from there; the target appears whole and checked, or not at all.
 */
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { AppError } from '../../core/errors/index.ts'

export interface Order {
  readonly url: string
  /** Lower-case hexadecimal. */
  readonly sha256: string
  readonly path: string
  readonly signal: AbortSignal
  /** `total` 0 while the server has not told it. */
  readonly onProgress: (phase: 'downloading' | 'checking', done: number, total: number) => void
  /** Silence after which the connection counts as lost. */
  readonly silenceMs?: number
  /** Times that a lost connection is taken up again. */
  readonly retries?: number
  readonly retryAfterMs?: number
}

export const partOf = (path: string): string => `${path}.part`

/**
 * @throws AppError data-unreadable when the server cannot be reached or has not the file, data-invalid when what came is another file,
 * disk-full, cancelled.
 */
export async function download(order: Order): Promise<void> {
  const { path, sha256, retries = 5, retryAfterMs = 2000, signal } = order
  const part = partOf(path)
  for (let attempt = 0; ; attempt++) {
    try {
      const found = await once(order, part)
      if (found !== sha256) throw await otherFile(order, part, found)
      return await rename(part, path)
    } catch (thrown) {
      if (signal.aborted) throw cancelled()
      const error = thrown instanceof AppError ? thrown : reached(order.url, thrown)
      if (error.code !== 'data-unreadable' || error.details['final'] === true || attempt >= retries)
        throw error
      await new Promise(resolve => setTimeout(resolve, retryAfterMs))
    }
  }
}

/** Bytes that the server offers, without loading them. @throws AppError data-unreadable. */
export async function sizeOf(url: string, signal: AbortSignal): Promise<number> {
  const response = await fetch(url, { method: 'HEAD', signal }).catch((thrown: unknown) => {
    throw reached(url, thrown)
  })
  const length = Number(response.headers.get('content-length') ?? 0)
  if (!response.ok || length <= 0) throw refused(url, response.status)
  return length
}

/** One connection. @returns the hash of the whole file. */
async function once(order: Order, part: string): Promise<string> {
  const hash = createHash('sha256')
  const start = await hashPresent(part, hash, order)
  const quiet = new AbortController()
  const { url } = order
  const headers = start > 0 ? { range: `bytes=${start}-` } : {}
  const response = await fetch(url, { headers, signal: AbortSignal.any([order.signal, quiet.signal]) })
  // The part is the whole file already, or longer than it: the hash tells.
  if (response.status === 416) return hash.digest('hex')
  if (!response.ok || response.body === null) throw refused(url, response.status)
  const goesOn = response.status === 206 && startOf(response) === start
  const file = await open(part, goesOn ? 'a' : 'w', 0o600)
  try {
    const whole = goesOn ? hash : createHash('sha256')
    await receive(response.body, file, whole, goesOn ? start : 0, totalOf(response), order, quiet)
    await file.sync()
    return whole.digest('hex')
  } finally {
    await file.close()
  }
}

async function receive(
  body: AsyncIterable<Uint8Array>,
  file: FileHandle,
  hash: Hash,
  start: number,
  total: number,
  { url, onProgress, silenceMs = 60_000 }: Order,
  quiet: AbortController,
): Promise<void> {
  let done = start
  const silence = new Error(`nothing came for ${silenceMs / 1000} s`)
  const timer = setTimeout(() => quiet.abort(silence), silenceMs)
  try {
    for await (const bytes of body) {
      timer.refresh()
      await file.write(bytes).catch((thrown: unknown) => {
        throw AppError.from(thrown, 'Downloading libtorch')
      })
      hash.update(bytes)
      done += bytes.length
      onProgress('downloading', done, total)
    }
  } finally {
    clearTimeout(timer)
  }
  if (total > 0 && done < total)
    throw reached(url, new Error(`the connection ended after ${done} of ${total} bytes`))
}

/** Hashes what an earlier download has brought. @returns its length. */
async function hashPresent(part: string, hash: Hash, { signal, onProgress }: Order): Promise<number> {
  const size = (await stat(part).catch(() => null))?.size ?? 0
  if (size === 0) return 0
  let done = 0
  for await (const bytes of createReadStream(part, {
    highWaterMark: 1024 * 1024,
    signal,
  }) as AsyncIterable<Buffer>) {
    hash.update(bytes)
    done += bytes.length
    onProgress('checking', done, size)
  }
  return done
}

/** `bytes 100-199/200` */
function startOf(response: Response): number {
  return Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1] ?? -1)
}

function totalOf(response: Response): number {
  const ranged = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1]
  return Number(ranged ?? response.headers.get('content-length') ?? 0)
}

async function otherFile({ url, sha256 }: Order, part: string, found: string): Promise<AppError> {
  await rm(part, { force: true })
  const message =
    `${url}: expected a file with the SHA-256 ${sha256}, got one with ${found}. It was deleted and nothing of it was used. ` +
    'Try again; if it stays so, the file was replaced at its source, or something between changes it'
  return new AppError('data-invalid', message, { value: found, expected: sha256 })
}

function refused(url: string, status: number): AppError {
  const message = `${url}: the server answered ${status}. Try again later, or use a libtorch or a Python's torch that is on this machine`
  // What it does not have now it will not have in two seconds.
  return new AppError('data-unreadable', message, { value: status, final: status < 500 })
}

function reached(url: string, thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown
  const reason = cause instanceof Error ? cause.message : String(cause)
  const message = `${new URL(url).host} cannot be reached: ${reason}. Check the network (behind a proxy set HTTPS_PROXY), then go on: what has come is kept`
  return new AppError('data-unreadable', message, {}, thrown)
}

function cancelled(): AppError {
  return new AppError('cancelled', 'The download was stopped; what has come is kept')
}

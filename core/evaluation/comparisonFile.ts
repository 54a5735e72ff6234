/**
 * What a comparison needs of a file of predictions: everything but the logits, which are most of it and are read image by image. The
 * format is that of `predictionsFile.ts`.
 */
import { open, type FileHandle } from 'node:fs/promises'
import { AppError } from '../errors/index.ts'

/** What a network said of the images of a split, by their row. */
export interface PredictionColumns {
  readonly count: number
  /** Classes that are named for each image. */
  readonly topCount: number
  /** Image in its split, [count]. */
  readonly index: Int32Array
  /** [count] */
  readonly label: Int32Array
  /** Likeliest first, [count · topCount]; -1 where there are fewer classes. */
  readonly top: Int32Array
  /** [count · topCount] */
  readonly probability: Float32Array
  /** [count] */
  readonly loss: Float32Array
}

interface Entry {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data_offsets: readonly [number, number]
}

const longestHeader = 1 << 20

/** @throws AppError not-found where there is no such file, data-invalid where it is damaged; both say: evaluate again. */
export async function readColumns(path: string): Promise<PredictionColumns> {
  return withFile(path, async (file, entries, start) => {
    const column = async (name: string, dtype: 'I32' | 'F32'): Promise<ArrayBuffer> => {
      const { data_offsets: offsets } = entryOf(entries, name, dtype, path)
      const bytes = new Uint8Array(offsets[1] - offsets[0])
      const { bytesRead } = await file.read(bytes, 0, bytes.length, start + offsets[0])
      if (bytesRead !== bytes.length) throw damaged(path, `tensor '${name}' is cut off`)
      return bytes.buffer
    }
    const index = new Int32Array(await column('index', 'I32'))
    const top = new Int32Array(await column('top', 'I32'))
    const columns = {
      ...{ count: index.length, topCount: index.length > 0 ? top.length / index.length : 0, index, top },
      label: new Int32Array(await column('label', 'I32')),
      probability: new Float32Array(await column('probability', 'F32')),
      loss: new Float32Array(await column('loss', 'F32')),
    }
    const { count, label, loss, probability } = columns
    const isWhole = label.length === count && loss.length === count && probability.length === top.length
    if (!isWhole || !Number.isInteger(columns.topCount)) throw damaged(path, 'its tensors do not go together')
    return columns
  })
}

/** Logits of the image in a row, [classCount]; null where the file has none. @throws as readColumns. */
export async function readLogits(path: string, row: number): Promise<Float32Array | null> {
  return withFile(path, async (file, entries, start) => {
    if (entries['logits'] === undefined) return null
    const { shape, data_offsets: offsets } = entryOf(entries, 'logits', 'F32', path)
    const width = shape[1] ?? 0
    const bytes = new Uint8Array(width * 4)
    const at = offsets[0] + row * bytes.length
    if (row < 0 || at + bytes.length > offsets[1]) throw damaged(path, `it has no row ${row}`)
    const { bytesRead } = await file.read(bytes, 0, bytes.length, start + at)
    if (bytesRead !== bytes.length) throw damaged(path, "tensor 'logits' is cut off")
    return new Float32Array(bytes.buffer)
  })
}

type Entries = Readonly<Record<string, Entry | undefined>>

async function withFile<T>(
  path: string,
  work: (file: FileHandle, entries: Entries, start: number) => Promise<T>,
): Promise<T> {
  const file = await open(path, 'r').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code !== 'ENOENT') throw AppError.from(thrown, path)
    const message = `${path}: this evaluation has no predictions, as it is older or they were removed. Evaluate again`
    throw new AppError('not-found', message, { file: path, remedy: 'Evaluate again' })
  })
  try {
    const length = new Uint8Array(8)
    await file.read(length, 0, 8, 0)
    const headerBytes = Number(new DataView(length.buffer).getBigUint64(0, true))
    if (!(headerBytes > 0 && headerBytes <= longestHeader)) throw damaged(path, 'it has no header')
    const header = Buffer.alloc(headerBytes)
    await file.read(header, 0, headerBytes, 8)
    return await work(file, parsed(header, path), 8 + headerBytes)
  } finally {
    await file.close()
  }
}

function parsed(header: Buffer, path: string): Entries {
  try {
    return JSON.parse(header.toString('utf8')) as Entries
  } catch {
    throw damaged(path, 'its header is not JSON')
  }
}

function entryOf(entries: Entries, name: string, dtype: string, path: string): Entry {
  const entry = entries[name]
  const [begin, end] = entry?.data_offsets ?? []
  const isSound =
    entry?.dtype === dtype && Array.isArray(entry.shape) && begin !== undefined && begin >= 0 && end! >= begin
  const elements = isSound ? entry.shape.reduce((product, size) => product * size, 1) : NaN
  if (isSound && elements * 4 === end! - begin) return entry
  throw damaged(path, `tensor '${name}' is missing or not what it says`)
}

function damaged(path: string, problem: string): AppError {
  const message = `${path}: the predictions are damaged: ${problem}. Evaluate again`
  return new AppError('data-invalid', message, { file: path, problem, remedy: 'Evaluate again' })
}

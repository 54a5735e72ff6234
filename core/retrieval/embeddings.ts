/** Embeddings of images, [n, width] float32, in memory or in a file, so that more than memory holds can be searched. */
import { mkdir, open, readFile, rename, rm, writeFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../errors/index.ts'

export interface Embeddings {
  readonly count: number
  readonly width: number
  /** Index of each row's image in its split, [count]. Images that cannot be decoded have no row. */
  readonly indices: Int32Array
  /** Class of each row's image, [count]. */
  readonly labels: Int32Array
  /** Rows from `from` up to `to`, row-major; may be a view of what is kept. */
  rows(from: number, to: number): Promise<Float32Array>
  close(): Promise<void>
}

/** Takes rows in their order. */
export interface EmbeddingWriter {
  append(rows: Float32Array, indices: Int32Array, labels: Int32Array): Promise<void>
  finish(width: number): Promise<Embeddings>
  /** Frees what was written so far. */
  abandon(): Promise<void>
}

const valuesFile = 'embeddings.f32'
const headerFile = 'embeddings.json'

export function memoryWriter(): EmbeddingWriter {
  const parts: Float32Array[] = []
  const places = createPlaces()
  return {
    append: (rows, indices, labels) => {
      parts.push(rows.slice())
      places.add(indices, labels)
      return Promise.resolve()
    },
    finish: width => {
      const { indices, labels } = places
      const values = new Float32Array(indices.length * width)
      let at = 0
      for (const part of parts.splice(0)) {
        values.set(part, at)
        at += part.length
      }
      return Promise.resolve(inMemory(values, width, indices, labels))
    },
    abandon: () => Promise.resolve(),
  }
}

/** Embeddings that are in memory already. */
export function inMemory(
  values: Float32Array,
  width: number,
  indices: readonly number[] | Int32Array,
  labels: readonly number[] | Int32Array,
): Embeddings {
  return {
    ...{ count: indices.length, width },
    indices: Int32Array.from(indices),
    labels: Int32Array.from(labels),
    rows: (from, to) => Promise.resolve(values.subarray(from * width, to * width)),
    close: () => Promise.resolve(),
  }
}

/**
 * Writes `embeddings.f32` (little-endian rows) and, last, `embeddings.json` into a folder; without the latter the former is nothing.
 * @param key said again by `openEmbeddings`: what the embeddings were made from
 */
export async function fileWriter(folder: string, key: string): Promise<EmbeddingWriter> {
  await mkdir(folder, { recursive: true })
  await rm(join(folder, headerFile), { force: true })
  const file = await open(join(folder, valuesFile), 'w')
  const places = createPlaces()
  return {
    async append(rows, indices, labels) {
      places.add(indices, labels)
      await file.writeFile(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength))
    },
    async finish(width) {
      await file.sync()
      await file.close()
      const { indices, labels } = places
      const temporary = join(folder, `${headerFile}.new`)
      await writeFile(temporary, JSON.stringify({ format: 1, key, width, indices, labels }))
      await rename(temporary, join(folder, headerFile))
      return (await openEmbeddings(folder, key))!
    },
    async abandon() {
      await file.close().catch(() => {})
      await rm(join(folder, valuesFile), { force: true })
    },
  }
}

/** What `fileWriter` wrote; null where nothing whole lies there, or something made from other things. */
export async function openEmbeddings(folder: string, key: string): Promise<Embeddings | null> {
  const header = await readHeader(join(folder, headerFile))
  if (header?.key !== key) return null
  const { width, indices, labels } = header
  const file = await open(join(folder, valuesFile), 'r').catch(() => null)
  if (file === null) return null
  const { size } = await file.stat()
  if (size !== indices.length * width * 4) {
    await file.close()
    return null
  }
  return {
    ...{ count: indices.length, width },
    indices: Int32Array.from(indices),
    labels: Int32Array.from(labels),
    rows: (from, to) => readRows(file, join(folder, valuesFile), from * width * 4, to * width * 4),
    close: () => file.close(),
  }
}

/** Everything in memory. */
export async function allRows(embeddings: Embeddings): Promise<Float32Array> {
  return embeddings.rows(0, embeddings.count)
}

interface Header {
  readonly key: string
  readonly width: number
  readonly indices: number[]
  readonly labels: number[]
}

async function readHeader(path: string): Promise<Header | null> {
  try {
    const header = JSON.parse(await readFile(path, 'utf8')) as Header & { readonly format?: number }
    return header.format === 1 ? header : null
  } catch {
    return null
  }
}

async function readRows(file: FileHandle, path: string, from: number, to: number): Promise<Float32Array> {
  const bytes = new Uint8Array(to - from)
  for (let at = 0; at < bytes.length;) {
    const { bytesRead } = await file.read(bytes, at, Math.min(bytes.length - at, 2 ** 30), from + at)
    if (bytesRead === 0)
      throw new AppError('data-unreadable', `${path}: it ends before its rows do`, { file: path })
    at += bytesRead
  }
  return new Float32Array(bytes.buffer)
}

function createPlaces() {
  const indices: number[] = []
  const labels: number[] = []
  return {
    indices,
    labels,
    add(moreIndices: Int32Array, moreLabels: Int32Array): void {
      for (const index of moreIndices) indices.push(index)
      for (const label of moreLabels) labels.push(label)
    },
  }
}

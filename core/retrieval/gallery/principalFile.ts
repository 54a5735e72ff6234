/** The principal components of a gallery, and its rows along them, so that whitening can be tried at once. */
import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { fileWriter, openEmbeddings, type Embeddings } from '../embeddings.ts'
import type { PhaseWatcher } from '../evaluateRetrieval.ts'
import { product } from '../product.ts'
import { principalComponents, type Principal } from '../whitening/principal.ts'

const principalFile = 'principal.f64'
const rowsAtOnce = 4096

export async function readPrincipal(folder: string, width: number): Promise<Principal | null> {
  const bytes = await readFile(join(folder, principalFile)).catch(() => null)
  if (bytes?.length !== 8 * (2 * width + width * width)) return null
  const values = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
  return {
    mean: values.subarray(0, width),
    variances: values.subarray(width, 2 * width),
    components: values.subarray(2 * width),
  }
}

export async function hasPrincipal(folder: string, width: number): Promise<boolean> {
  const found = await stat(join(folder, principalFile)).catch(() => null)
  return found?.size === 8 * (2 * width + width * width)
}

export function openRotated(folder: string, key: string): Promise<Embeddings | null> {
  return openEmbeddings(join(folder, 'rotated'), key)
}

/**
 * Learns the components from the gallery itself, without its classes, and writes y = V·(ê − m) of every row.
 * @returns false when cancelled.
 */
export async function writePrincipal(
  folder: string,
  key: string,
  embeddings: Embeddings,
  watcher: PhaseWatcher,
): Promise<boolean> {
  const principal = await principalComponents(embeddings, {
    progress: (phase, done, total) => watcher.progress(`whitening: ${phase}`, done, total),
    isCancelled: watcher.isCancelled,
  })
  if (principal === null) return false
  const { mean, variances, components } = principal
  const { count, width, indices, labels } = embeddings
  const writer = await fileWriter(join(folder, 'rotated'), key)
  for (let from = 0; from < count; from += rowsAtOnce) {
    if (watcher.isCancelled()) {
      await writer.abandon()
      return false
    }
    const to = Math.min(from + rowsAtOnce, count)
    const rows = await rotated(principal, await embeddings.rows(from, to))
    await writer.append(rows, indices.subarray(from, to), labels.subarray(from, to))
    watcher.progress('whitening: rotating', to, count)
  }
  await (await writer.finish(width)).close()
  const temporary = join(folder, `${principalFile}.new`)
  const parts = [mean, variances, components].map(each =>
    Buffer.from(each.buffer, each.byteOffset, each.byteLength),
  )
  await writeFile(temporary, Buffer.concat(parts))
  await rename(temporary, join(folder, principalFile))
  return true
}

/** y = V·(ê − m) of rows [n, width], on the backend. */
export async function rotated({ mean, components }: Principal, rows: Float32Array): Promise<Float32Array> {
  const width = mean.length
  const centred = rows.map((value, at) => value - mean[at % width]!)
  const made = tf.tidy(() => {
    const across = tf.transpose(tf.tensor2d(Float32Array.from(components), [width, width])) // [C,C]
    return product(tf.tensor2d(centred, [rows.length / width, width]), across) // [n,C]
  })
  const values = (await made.data()) as Float32Array
  made.dispose()
  return values
}

/** The same for one row, without a backend. */
export function rotatedRow({ mean, components }: Principal, row: Float32Array): Float32Array {
  const width = mean.length
  return Float32Array.from({ length: width }, (_, j) => {
    let sum = 0
    for (let c = 0, at = j * width; c < width; c++, at++) sum += components[at]! * (row[c]! - mean[c]!)
    return sum
  })
}

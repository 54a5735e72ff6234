/**
 * Writes a network's weights as a safetensors file with torchvision's names and layout, with the counter `num_batches_tracked` that
 * torch keeps beside running statistics, so that `load_state_dict` takes it strictly.
 */
import type { Network } from './network.ts'
import { elementCount } from './network.ts'
import { writeParts, type ExportWatcher, type WritePart } from './writeParts.ts'

/**
 * @param batches how many batches the running statistics have seen
 * @throws AppError cancelled, and what writing throws.
 */
export async function writeSafetensors(
  path: string,
  { graph, weights }: Network,
  options: { readonly batches: number; readonly metadata: Readonly<Record<string, string>> },
  watcher: ExportWatcher,
): Promise<void> {
  // The 64-bit ones stand first, so that all of them lie at a multiple of their size.
  const counters = graph.nodes
    .filter(({ buffers }) => buffers.some(({ name }) => name.endsWith('.running_mean')))
    .map(({ name }) => ({
      ...{ name: `${name}.num_batches_tracked`, dtype: 'I64', shape: [], size: 8 },
      read: () => new Uint8Array(BigInt64Array.of(BigInt(options.batches)).buffer),
    }))
  const floats = [...weights].map(([name, { shape, read }]) => ({
    ...{ name, dtype: 'F32', shape, size: elementCount(shape) * 4 },
    read: () => {
      const values = read()
      return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    },
  }))
  const parts = [...counters, ...floats]
  await writeParts(path, [headerOf(parts, options.metadata), ...parts], watcher)
}

interface Entry extends WritePart {
  readonly name: string
  readonly dtype: string
  readonly shape: readonly number[]
}

function headerOf(entries: readonly Entry[], metadata: Readonly<Record<string, string>>): WritePart {
  let offset = 0
  const members = entries.map(({ name, dtype, shape, size }) => {
    const begin = offset
    offset += size
    return [name, { dtype, shape, data_offsets: [begin, offset] }] as const
  })
  const json = JSON.stringify({ __metadata__: { format: 'pt', ...metadata }, ...Object.fromEntries(members) })
  const text = Buffer.from(json, 'utf8')
  const bytes = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, ' ')
  bytes.writeBigUInt64LE(BigInt(bytes.length - 8), 0)
  text.copy(bytes, 8)
  return { size: bytes.length, read: () => bytes }
}

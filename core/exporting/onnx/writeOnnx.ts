/** Writes a network as an ONNX file. */
import { AppError } from '../../errors/index.ts'
import type { Network } from '../network.ts'
import { writeParts, type ExportWatcher } from '../writeParts.ts'
import { modelMessage, type OnnxModel } from './messages.ts'
import { sizeOf } from './protobuf.ts'
import { toOnnx, type OnnxOptions } from './toOnnx.ts'

export type OnnxText = Pick<OnnxModel, 'description' | 'metadata' | 'producerVersion'>

/** Protocol Buffers measure in int32. */
const largestBytes = 2 ** 31 - 1

/** @throws AppError invalid-request for a network of more than 2 GB; cancelled; and what writing throws. */
export async function writeOnnx(
  path: string,
  network: Network,
  options: OnnxOptions & OnnxText,
  watcher: ExportWatcher,
): Promise<void> {
  const { description, metadata, producerVersion } = options
  const { name } = network.graph
  const parts = modelMessage({ ...toOnnx(network, options), name, description, metadata, producerVersion })
  const size = sizeOf(parts)
  if (size > largestBytes) {
    const message = `format: an ONNX file holds at most 2 GB, and ${name} takes ${(size / 1e9).toFixed(1)} GB. Use --format safetensors`
    throw new AppError('invalid-request', message, { field: 'format', size, largestBytes })
  }
  await writeParts(path, parts, watcher)
}

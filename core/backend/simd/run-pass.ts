/** Runs a pass over [rows, C] tensors in our WebAssembly module, block by block. */
import type { SimdModule } from './module.ts'

/** Rows whose sum is kept in single precision before it is added to the doubles. */
const rowsPerBlock = 64

/** A call of a pass over rows of channels. */
export interface ChannelCall {
  readonly name: string
  readonly rows: number
  /** A multiple of 4. */
  readonly channels: number
  /** Addresses of the inputs, then of the outputs. */
  readonly tensors: readonly number[]
  /** Addresses of the [C] vectors. */
  readonly vectors: readonly number[]
  /** Address of the sums, doubles [sums, C]; the caller has set them to zero. */
  readonly sums?: number
}

/** Whether the passes can take so many channels. */
export function fitsPasses(channels: number): boolean {
  return channels > 0 && channels % 4 === 0
}

/** Runs one pass of the module over all rows. */
export function runChannelPass(simd: SimdModule, call: ChannelCall): void {
  const width = call.channels % 16 === 0 ? 4 : 1
  const [groups, rowBytes] = [call.channels / (4 * width), 4 * call.channels]
  const name = `${call.name}${width}`
  for (let row = 0; row < call.rows; row += rowsPerBlock) {
    const rows = Math.min(rowsPerBlock, call.rows - row)
    const tensors = call.tensors.map(address => address + row * rowBytes)
    simd.call(name, ...tensors, ...call.vectors, call.sums ?? 0, 8 * call.channels, rows, groups, rowBytes)
  }
}

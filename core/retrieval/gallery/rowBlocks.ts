/**
 * Rows of float32 in memory that are multiplied with one vector as fast as memory is read: by four values at once, in WebAssembly
 * with SIMD, which every Node and browser of these years has. The gallery stays there between queries.
 */
import { AppError } from '../../errors/index.ts'
import { assembly, productModule } from './productModule.ts'

/** Values of a row are read sixteen at a time; rows are filled up with zeros. */
const atOnce = 16
/** Largest memory of one block: 1 GB. */
const blockBytes = 2 ** 30
const pageBytes = 65_536

interface Block {
  readonly from: number
  readonly count: number
  /** count · stride values, then two vectors, then two results of each row. */
  readonly values: Float32Array
  readonly exports: {
    product(rows: number, vector: number, out: number, count: number, bytes: number): void
    weighted(
      rows: number,
      vector: number,
      weights: number,
      out: number,
      lengths: number,
      count: number,
      bytes: number,
    ): void
  }
}

export class RowBlocks {
  readonly count: number
  readonly width: number
  private readonly stride: number
  private readonly blocks: readonly Block[]

  /** @throws AppError out-of-memory when the rows do not fit. */
  constructor(count: number, width: number) {
    this.count = count
    this.width = width
    this.stride = Math.ceil(width / atOnce) * atOnce
    const perBlock = Math.max(1, Math.floor(blockBytes / (this.stride * 4 + 8)))
    const blocks: Block[] = []
    for (let from = 0; from < count; from += perBlock)
      blocks.push(makeBlock(from, Math.min(perBlock, count - from), this.stride))
    this.blocks = blocks
  }

  /** Memory that the rows take, in bytes. */
  get bytes(): number {
    return this.blocks.reduce((sum, { values }) => sum + values.byteLength, 0)
  }

  /** Puts rows in their place. @param rows row-major [n, width] */
  set(from: number, rows: Float32Array): void {
    for (let at = 0; at * this.width < rows.length; at++)
      this.place(from + at).set(rows.subarray(at * this.width, (at + 1) * this.width))
  }

  /** A copy of one row, [width]. */
  row(at: number): Float32Array {
    return this.place(at).slice()
  }

  /** Inner products of all rows with a vector, [count]. @param vector [width] */
  product(vector: Float32Array): Float32Array {
    const out = new Float32Array(this.count)
    for (const { from, count, values, exports } of this.blocks) {
      const at = this.vectorAt(count)
      values.set(vector, at)
      const result = at + 2 * this.stride
      exports.product(0, at * 4, result * 4, count, this.stride * 4)
      out.set(values.subarray(result, result + count), from)
    }
    return out
  }

  /**
   * Cosines after the columns were scaled: Σ w·x·v / √(Σ w·x²), [count]; 0 for rows without length.
   * @param vector v, [width], scaled and of whatever length it is to have
   * @param weights w: the squared factors of the columns, [width]
   */
  weighted(vector: Float32Array, weights: Float32Array): Float32Array {
    const out = new Float32Array(this.count)
    for (const { from, count, values, exports } of this.blocks) {
      const at = this.vectorAt(count)
      values.set(
        vector.map((value, c) => value * weights[c]!),
        at,
      )
      values.set(weights, at + this.stride)
      const result = at + 2 * this.stride
      const [v, w] = [at * 4, (at + this.stride) * 4]
      exports.weighted(0, v, w, result * 4, (result + count) * 4, count, this.stride * 4)
      for (let row = 0; row < count; row++) {
        const length = Math.sqrt(values[result + count + row]!)
        out[from + row] = length > 0 ? values[result + row]! / length : 0
      }
    }
    return out
  }

  private vectorAt(count: number): number {
    return count * this.stride
  }

  private place(row: number): Float32Array {
    const block = this.blocks.findLast(({ from }) => from <= row)!
    const start = (row - block.from) * this.stride
    return block.values.subarray(start, start + this.width)
  }
}

function makeBlock(from: number, count: number, stride: number): Block {
  const bytes = (count * stride + 2 * stride + 2 * count) * 4
  const pages = Math.ceil(bytes / pageBytes)
  try {
    const memory = new assembly.Memory({ initial: pages, maximum: pages })
    const instance = new assembly.Instance(productModule(), { host: { memory } })
    const exports = instance.exports as Block['exports']
    return { from, count, values: new Float32Array(memory.buffer), exports }
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown
    const message = `Search: ${Math.ceil(bytes / 2 ** 20)} MB of memory for the gallery are not free. Close other programs, or choose a smaller split`
    throw new AppError('out-of-memory', message, { bytes })
  }
}

/** Embeddings as they are compared. */

/** What is done to rows of embeddings before they are kept: [n, from] to [n, to]. */
export interface Projection {
  /** Width of the result for embeddings of a width. */
  width(from: number): number
  apply(rows: Float32Array, width: number): Float32Array | Promise<Float32Array>
}

const epsilon = 1e-6

/** ê = e / (‖e‖₂ + 1e-6), as MultiGrain compares them; rows of zeros stay so. */
export const unitLength = {
  width: (from: number) => from,
  apply: (rows: Float32Array, width: number) => normalised(rows, width),
} satisfies Projection

/** @param rows row-major [n, width] */
export function normalised(rows: Float32Array, width: number): Float32Array {
  const out = new Float32Array(rows.length)
  for (let start = 0; start < rows.length; start += width) {
    let sum = 0
    for (let at = start; at < start + width; at++) sum += rows[at]! * rows[at]!
    const factor = 1 / (Math.sqrt(sum) + epsilon)
    for (let at = start; at < start + width; at++) out[at] = rows[at]! * factor
  }
  return out
}

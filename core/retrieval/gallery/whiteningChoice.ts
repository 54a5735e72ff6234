/** A whitening as its sliders say it. */
import { setImmediate } from 'node:timers/promises'
import type { Embeddings } from '../embeddings.ts'
import { normalised } from '../normalise.ts'

export interface WhiteningChoice {
  /** Components that are kept, the strongest first. */
  readonly components: number
  /** What each is divided by: its standard deviation to this power. 0 leaves them as they are, 1 whitens wholly. */
  readonly power: number
}

/** Variance relative to the largest below which a component is noise. */
const leastShare = 1e-9

/** Images span one direction fewer than they are, their mean taken off: whatever is found beyond is rounding. */
export function mostComponents(imageCount: number, width: number): number {
  return Math.max(1, Math.min(width, imageCount - 1))
}

/**
 * Squared factor of each component, [width]: σ^(−2·power), 0 for those that are left out.
 * @param imageCount images that the components were learned from
 */
export function squaredFactors(
  variances: Float64Array,
  { components: asked, power }: WhiteningChoice,
  imageCount: number,
): Float32Array {
  const components = Math.min(asked, mostComponents(imageCount, variances.length))
  const largest = variances[0] ?? 0
  // Relative to the first, so that no factor is out of float32's range; a common factor changes no cosine.
  return Float32Array.from(variances, (variance, j) =>
    j < components ? (Math.max(variance, largest * leastShare) / (largest || 1)) ** -power : 0,
  )
}

/** Rotated embeddings, scaled and of unit length, block by block as they are asked for. */
export function scaledRows(rotated: Embeddings, squared: Float32Array): Embeddings {
  const { width } = rotated
  const factors = squared.map(Math.sqrt)
  return {
    ...{ count: rotated.count, width, indices: rotated.indices, labels: rotated.labels },
    rows: async (from, to) => {
      const rows = await rotated.rows(from, to)
      await setImmediate()
      return normalised(
        rows.map((value, at) => value * factors[at % width]!),
        width,
      )
    },
    close: () => rotated.close(),
  }
}

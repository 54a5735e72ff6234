/** How alike two sets of features of the same images are, whatever directions they lie in. */

/**
 * Centred kernel alignment of linear kernels, by estimates that a width beyond the number of images does not flatter.
 * @param grams inner products of features, each [count · count] in the same order of images
 * @returns 1 for features that are rotations or multiples of each other, about 0 for unrelated ones; at least -1 and at most 1; NaN for
 * features without variance.
 * @source Kornblith et al. 2019, Similarity of Neural Network Representations Revisited; Song et al. 2012, eq. 5, for the estimate.
 */
export function alignment(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  count: number,
  own: { readonly first?: number; readonly second?: number } = {},
): number {
  const a = own.first ?? independence(first, first, count)
  const b = own.second ?? independence(second, second, count)
  const value = independence(first, second, count) / Math.sqrt(a * b)
  return Math.max(-1, Math.min(1, value))
}

/**
 * Unbiased estimate of the Hilbert-Schmidt independence criterion; 4 images at least.
 * @source Song et al. 2012, Feature Selection via Dependence Maximization, eq. 5.
 */
export function independence(k: ArrayLike<number>, l: ArrayLike<number>, count: number): number {
  const rowsK = new Float64Array(count)
  const rowsL = new Float64Array(count)
  let trace = 0
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      if (i === j) continue
      const x = k[i * count + j]!
      const y = l[i * count + j]!
      trace += x * y
      rowsK[i]! += x
      rowsL[i]! += y
    }
  }
  let [sumK, sumL, product] = [0, 0, 0]
  for (let i = 0; i < count; i++) {
    sumK += rowsK[i]!
    sumL += rowsL[i]!
    product += rowsK[i]! * rowsL[i]!
  }
  const all = (sumK * sumL) / ((count - 1) * (count - 2))
  return (trace + all - (2 / (count - 2)) * product) / (count * (count - 3))
}

/**
 * How many of each image's nearest neighbours stay the same.
 * @param first, second cosines between images, [count · count]
 * @returns shares from 0 to 1, [count]
 */
export function keptNeighbours(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  count: number,
  neighbours: number,
): Float64Array {
  const shares = new Float64Array(count)
  for (let image = 0; image < count; image++) {
    const before = new Set(nearest(first, image, count, neighbours))
    const kept = nearest(second, image, count, neighbours).filter(each => before.has(each))
    shares[image] = kept.length / Math.min(neighbours, count - 1)
  }
  return shares
}

function nearest(cosines: ArrayLike<number>, image: number, count: number, most: number): number[] {
  return Array.from({ length: count }, (_, other) => other)
    .filter(other => other !== image)
    .sort((one, other) => cosines[image * count + other]! - cosines[image * count + one]! || one - other)
    .slice(0, most)
}

/** Draws from a Beta distribution. */
import { normalStream } from '../graph/index.ts'

/**
 * A draw from Beta(α, α), computed from logarithms, so that it stays a number however small α is.
 * @param alpha above 0
 * @param random uniform numbers from [0, 1)
 * @source Marsaglia and Tsang 2000 for the two gamma variates, with their boost by U^(1/α) for α below 1
 */
export function betaSample(alpha: number, random: () => number): number {
  const own = logGamma(alpha, random)
  const other = logGamma(alpha, random)
  return 1 / (1 + Math.exp(other - own))
}

/** Logarithm of a draw from Gamma(α, 1). */
function logGamma(alpha: number, random: () => number): number {
  const boost = Math.log(1 - random()) / alpha
  const d = alpha + 1 - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  const normal = normalStream(random)
  for (;;) {
    const x = normal()
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v))
      return Math.log(d * v) + boost
  }
}

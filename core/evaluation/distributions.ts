/** Tails of the distributions that tests need, in double precision. */

/**
 * Chance of at most `most` heads in `tosses` of a fair coin.
 * @returns 0 to 1; 1 without tosses.
 */
export function halfBinomialTail(most: number, tosses: number): number {
  if (most >= tosses) return 1
  // From the largest term down, so that nothing is lost for many tosses; later terms are ever smaller.
  let term = Math.exp(logChoose(tosses, most) - tosses * Math.LN2)
  let sum = 0
  if (most > tosses / 2) return 1 - halfBinomialTail(tosses - most - 1, tosses)
  for (let heads = most; heads >= 0 && term > sum * 1e-18; heads--) {
    sum += term
    term *= heads / (tosses - heads + 1)
  }
  return Math.min(1, sum)
}

/** Chance that a standard normal variable exceeds z. */
export function normalTail(z: number): number {
  return z < 0 ? 1 - normalTail(-z) : gammaTail(0.5, (z * z) / 2) / 2
}

/** Chance that a chi-square variable exceeds x. */
export function chiSquareTail(x: number, degrees: number): number {
  return x > 0 ? gammaTail(degrees / 2, x / 2) : 1
}

/**
 * Upper incomplete gamma function, regularised.
 * @source Abramowitz and Stegun 6.5.29 (series) and 6.5.31 (continued fraction, by Lentz's method).
 */
function gammaTail(a: number, x: number): number {
  if (x <= 0) return 1
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a))
  if (x < a + 1) {
    let [term, sum] = [1 / a, 1 / a]
    for (let n = 1; Math.abs(term) > sum * 1e-17; n++) {
      term *= x / (a + n)
      sum += term
    }
    return 1 - sum * scale
  }
  let b = x + 1 - a
  let [c, d] = [1e300, 1 / b]
  let fraction = d
  for (let n = 1; n < 10_000; n++) {
    const factor = n * (a - n)
    b += 2
    d = 1 / (factor * d + b)
    c = b + factor / c
    const change = c * d
    fraction *= change
    if (Math.abs(change - 1) < 1e-16) break
  }
  return fraction * scale
}

function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1)
}

/** Logarithm of the gamma function for x > 0. @source Lanczos 1964, with Godfrey's coefficients for g = 7. */
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  const shifted = x - 1
  const sum = lanczos.reduce((total, each, at) => total + (at === 0 ? each : each / (shifted + at)), 0)
  const base = shifted + 7.5
  return Math.log(2 * Math.PI) / 2 + (shifted + 0.5) * Math.log(base) - base + Math.log(sum)
}

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]

/**
 * Eigenvalues and eigenvectors of a symmetric matrix in double precision: Householder reflections to a tridiagonal matrix, then QL with
 * implicit shifts.
 *
 * @source Golub and Van Loan, Matrix Computations, sections 8.3.1 and 8.3.3; imtql2 of EISPACK.
 */
import { AppError } from '../../errors/index.ts'

export interface Eigen {
  /** Descending, [n]. */
  readonly values: Float64Array
  /** Row j is the eigenvector of the j-th value, of unit length, [n, n]. */
  readonly vectors: Float64Array
}

export type Pause = (share: number) => Promise<void>

/** Rows between two pauses. */
const pauseEvery = 16
/** Share of the time that the reflections take. */
const reflectionShare = 0.35

/** Passes of QL for one eigenvalue; two or three are usual. */
const mostPasses = 60

/**
 * @param matrix symmetric, row-major [n, n]; it is overwritten
 * @param pause awaited now and then with the share of the work that is done, 0 to 1; what it throws ends the work
 * @throws AppError not-finite when it holds something that is no number.
 */
export async function symmetricEigen(
  matrix: Float64Array,
  n: number,
  pause: Pause = () => Promise.resolve(),
): Promise<Eigen> {
  if (!matrix.every(Number.isFinite))
    throw new AppError('not-finite', 'Eigenvalues: the matrix holds values that are not finite')
  const { diagonal, offDiagonal, vectors } = await tridiagonal(matrix, n, pause)
  await implicitQl(diagonal, offDiagonal, vectors, n, pause)
  const order = Array.from(diagonal.keys()).sort((one, other) => diagonal[other]! - diagonal[one]!)
  const sorted = new Float64Array(n * n)
  order.forEach((from, to) => sorted.set(vectors.subarray(from * n, (from + 1) * n), to * n))
  return { values: Float64Array.from(order, at => diagonal[at]!), vectors: sorted }
}

/** T = Qᵀ·A·Q. `vectors` is Qᵀ: one basis vector a row, so that rotations run along memory. */
async function tridiagonal(a: Float64Array, n: number, pause: Pause) {
  const offDiagonal = new Float64Array(n)
  const betas = new Float64Array(n)
  const w = new Float64Array(n)
  for (let k = 0; k < n - 2; k++) {
    if (k % pauseEvery === 0) await pause((reflectionShare * k) / n)
    // The reflector that clears column k below its subdiagonal is left in row k.
    const v = a.subarray(k * n, (k + 1) * n)
    const { beta, alpha } = reflector(v, k + 1, n)
    offDiagonal[k] = alpha
    betas[k] = beta
    if (beta === 0) continue
    let dot = 0
    for (let i = k + 1; i < n; i++) {
      let sum = 0
      for (let j = k + 1, at = i * n + k + 1; j < n; j++, at++) sum += a[at]! * v[j]!
      w[i] = beta * sum
      dot += w[i]! * v[i]!
    }
    const half = (beta * dot) / 2
    for (let i = k + 1; i < n; i++) w[i]! -= half * v[i]!
    for (let i = k + 1; i < n; i++) {
      const [vi, wi] = [v[i]!, w[i]!]
      for (let j = k + 1, at = i * n + k + 1; j < n; j++, at++) a[at]! -= vi * w[j]! + wi * v[j]!
    }
  }
  if (n > 1) offDiagonal[n - 2] = a[(n - 2) * n + n - 1]!
  const diagonal = Float64Array.from({ length: n }, (_, i) => a[i * n + i]!)
  return { diagonal, offDiagonal, vectors: transposedBasis(a, betas, n) }
}

/** Turns v[from…] into the reflector I − β·v·vᵀ that maps it to (α, 0, …). */
function reflector(
  v: Float64Array,
  from: number,
  n: number,
): { readonly beta: number; readonly alpha: number } {
  let rest = 0
  for (let i = from + 1; i < n; i++) rest += v[i]! * v[i]!
  const first = v[from]!
  if (rest === 0) return { beta: 0, alpha: first }
  const alpha = first > 0 ? -Math.sqrt(first * first + rest) : Math.sqrt(first * first + rest)
  v[from] = first - alpha
  return { beta: 2 / (v[from]! * v[from]! + rest), alpha }
}

/** Qᵀ from the reflectors that lie in the rows of `a`. */
function transposedBasis(a: Float64Array, betas: Float64Array, n: number): Float64Array {
  const q = new Float64Array(n * n)
  for (let i = 0; i < n; i++) q[i * n + i] = 1
  const sums = new Float64Array(n)
  for (let k = n - 3; k >= 0; k--) {
    const beta = betas[k]!
    if (beta === 0) continue
    sums.fill(0)
    for (let i = k + 1; i < n; i++) {
      const factor = a[k * n + i]!
      for (let j = k + 1, at = i * n + k + 1; j < n; j++, at++) sums[j]! += factor * q[at]!
    }
    for (let i = k + 1; i < n; i++) {
      const factor = beta * a[k * n + i]!
      for (let j = k + 1, at = i * n + k + 1; j < n; j++, at++) q[at]! -= factor * sums[j]!
    }
  }
  const transposed = new Float64Array(n * n)
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) transposed[j * n + i] = q[i * n + j]!
  return transposed
}

/** Makes `d` the eigenvalues and the rows of `vectors` the eigenvectors; `e` is used up. */
async function implicitQl(
  d: Float64Array,
  e: Float64Array,
  vectors: Float64Array,
  n: number,
  pause: Pause,
): Promise<void> {
  for (let l = 0; l < n; l++) {
    if (l % pauseEvery === 0) await pause(reflectionShare + ((1 - reflectionShare) * l) / n)
    for (let pass = 0; ; pass++) {
      let m = l
      while (m < n - 1 && Math.abs(e[m]!) > Number.EPSILON * (Math.abs(d[m]!) + Math.abs(d[m + 1]!))) m++
      if (m === l) break
      if (pass === mostPasses)
        throw new AppError('internal', `Eigenvalues: no convergence for value ${l} of ${n}`)
      qlPass(d, e, vectors, n, l, m)
    }
  }
}

/** One pass over the unreduced block l…m, its shift nearest to d[l]. */
function qlPass(
  d: Float64Array,
  e: Float64Array,
  vectors: Float64Array,
  n: number,
  l: number,
  m: number,
): void {
  const ratio = (d[l + 1]! - d[l]!) / (2 * e[l]!)
  const root = Math.hypot(ratio, 1)
  let g = d[m]! - d[l]! + e[l]! / (ratio + (ratio < 0 ? -root : root))
  let [sine, cosine, p] = [1, 1, 0]
  for (let i = m - 1; i >= l; i--) {
    const f = sine * e[i]!
    const b = cosine * e[i]!
    const length = Math.hypot(f, g)
    e[i + 1] = length
    if (length === 0) {
      d[i + 1]! -= p
      e[m] = 0
      return
    }
    sine = f / length
    cosine = g / length
    g = d[i + 1]! - p
    const turned = (d[i]! - g) * sine + 2 * cosine * b
    p = sine * turned
    d[i + 1] = g + p
    g = cosine * turned - b
    rotate(vectors, n, i, sine, cosine)
  }
  d[l]! -= p
  e[l] = g
  e[m] = 0
}

/** Rotates rows i and i + 1. */
function rotate(vectors: Float64Array, n: number, i: number, sine: number, cosine: number): void {
  const lower = i * n
  const upper = lower + n
  for (let k = 0; k < n; k++) {
    const [x, y] = [vectors[lower + k]!, vectors[upper + k]!]
    vectors[upper + k] = sine * x + cosine * y
    vectors[lower + k] = cosine * x - sine * y
  }
}

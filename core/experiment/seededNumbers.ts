/**
 * Numbers from 0 up to 1 that depend on the seed alone.
 * @source Steele, Lea, Flood 2014, SplittableRandom; its 32-bit form with the finaliser of MurmurHash3.
 */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    mixed ^= mixed >>> 15
    return (mixed >>> 0) / 2 ** 32
  }
}

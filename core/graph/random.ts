/** A stream of uniform numbers that depends on a seed and a name alone: 128-bit state, the same on every machine. */

/**
 * Opens the stream of a name.
 * @param seed any integer.
 * @returns a function that gives the next number from [0, 1), of 32 random bits.
 * @source sfc32 by Chris Doty-Humphrey (PractRand); the state is seeded by FNV-1a with the finaliser of MurmurHash3.
 */
export function randomStream(seed: number, name: string): () => number {
  let a = hash(`${seed}/${name}/a`)
  let b = hash(`${seed}/${name}/b`)
  let c = hash(`${seed}/${name}/c`)
  let counter = 1
  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 0x1_0000_0000
  }
  for (let i = 0; i < 12; i++) next()
  return next
}

/** Turns uniform numbers into normal ones, two at a time (Box and Muller 1958). */
export function normalStream(uniform: () => number): () => number {
  let spare: number | null = null
  return () => {
    if (spare !== null) {
      const value = spare
      spare = null
      return value
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()))
    const angle = 2 * Math.PI * uniform()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
}

function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return value ^ (value >>> 16)
}

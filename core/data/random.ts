/**
 * Randomness as pure functions of their arguments: no generator lives on between two samples, so that nothing depends on
 * the number of threads, and going on from the middle of an epoch needs no state.
 *
 * @source Small Fast Counter 32 (C. Doty-Humphrey, PractRand); key mixing is MurmurHash3's finaliser (A. Appleby).
 */
import type { Random } from '../transforms/shared/transform.ts'

/** Separates the uses of one seed. */
const purposes = {
  augmentation: 0x61756721,
  order: 0x6f726421,
  draws: 0x64726121,
  heldOut: 0x68656c21,
} as const

/**
 * The random numbers of one sample's augmentation.
 * @param seed integer, 0 to 2^53 - 1
 * @param epoch counted from 0
 * @param index of the sample in its split
 * @param copy 0, or the number of the repeat where a sample is used more than once in an epoch
 * @returns a stream of numbers from [0, 1) with 32 random bits each
 */
export function randomStream(seed: number, epoch: number, index: number, copy: number): Random {
  return stream(purposes.augmentation, seed, epoch, index, copy)
}

/**
 * The order of an epoch: a permutation of 0 … count - 1.
 * @param seed integer, 0 to 2^53 - 1
 * @param epoch counted from 0
 * @param count number of samples, up to 2^31 - 1
 * @param round another permutation of the same epoch for each
 * @returns [count]
 * @source Fisher-Yates shuffle (Durstenfeld 1964)
 */
export function permutation(seed: number, epoch: number, count: number, round = 0): Int32Array {
  return shuffled(identity(count), stream(purposes.order, seed, epoch, count, round))
}

/** The random numbers of an epoch's order, for samplers that do more than permute; arguments as of `permutation`. */
export function orderStream(seed: number, epoch: number, count: number): Random {
  return stream(purposes.draws, seed, epoch, count, 0)
}

/**
 * Chooses `fraction` of the samples, of each class as near to that share as whole numbers allow, and at least one sample
 * of every class that has two or more.
 * @param labels class of every sample, [count]
 * @param fraction 0 to 1
 * @param seed the choice depends on it and the labels alone
 * @returns indices of the chosen samples and of the rest, each ascending
 */
export function stratifiedChoice(
  labels: Int32Array,
  fraction: number,
  seed: number,
): { readonly chosen: Int32Array; readonly rest: Int32Array } {
  const byClass = Map.groupBy(identity(labels.length), index => labels[index] as number)
  const members = [...byClass].sort(([one], [other]) => one - other)
  const shares = wholeShares(
    members.map(([, indices]) => indices.length),
    fraction,
  )
  const isChosen = new Uint8Array(labels.length)
  for (const [place, [label, indices]] of members.entries()) {
    const order = shuffled(Int32Array.from(indices), stream(purposes.heldOut, seed, label, indices.length, 0))
    for (const index of order.subarray(0, shares[place])) isChosen[index] = 1
  }
  const all = identity(labels.length)
  return {
    chosen: all.filter(index => isChosen[index] === 1),
    rest: all.filter(index => isChosen[index] === 0),
  }
}

/**
 * How many samples `stratifiedChoice` chooses.
 * @param counts samples of each class
 * @param fraction 0 to 1
 */
export function heldOutCount(counts: readonly number[], fraction: number): number {
  return wholeShares(counts, fraction).reduce((sum, share) => sum + share, 0)
}

/** Whole numbers near `counts · fraction` that add up to the whole's share (largest remainders first). */
function wholeShares(counts: readonly number[], fraction: number): number[] {
  const shares = counts.map(count => Math.floor(count * fraction))
  const total = Math.round(counts.reduce((sum, count) => sum + count, 0) * fraction)
  let left = total - shares.reduce((sum, share) => sum + share, 0)
  const remainder = (at: number) => (counts[at] as number) * fraction - (shares[at] as number)
  const byRemainder = counts
    .map((_, at) => at)
    .sort((one, other) => remainder(other) - remainder(one) || one - other)
  for (const at of byRemainder) {
    if (left-- <= 0) break
    shares[at] = (shares[at] as number) + 1
  }
  const least = fraction > 0 ? 1 : 0
  return shares.map((share, at) => Math.max(Math.min(Math.max(share, least), (counts[at] as number) - 1), 0))
}

function stream(purpose: number, seed: number, epoch: number, index: number, copy: number): Random {
  let key = mix(purpose, seed >>> 0)
  key = mix(key, Math.floor(seed / 2 ** 32))
  key = mix(key, epoch)
  let a = mix(key, index)
  let b = mix(a, copy)
  let c = mix(b, key)
  let counter = 1
  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 2 ** 32
  }
  for (let round = 0; round < 12; round++) next()
  return next
}

/** Folds a 32-bit value into a key so that every bit of both reaches every bit of the result. */
function mix(key: number, value: number): number {
  let h = (Math.imul(key ^ 0x9e3779b9, 0x85ebca6b) + Math.imul(value | 0, 0xc2b2ae35) + 0x27d4eb2f) | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

function shuffled(order: Int32Array, random: Random): Int32Array {
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const held = order[last] as number
    order[last] = order[other] as number
    order[other] = held
  }
  return order
}

function identity(count: number): Int32Array {
  const all = new Int32Array(count)
  for (let index = 0; index < count; index++) all[index] = index
  return all
}

import type { Draws, EpochRandomness } from './sampler.ts'

/**
 * Permutations one after the other, each image `repeats` times in a row, cut off after `draws`.
 * @param count number of images
 */
export function repeatedDraws(
  { permutation }: EpochRandomness,
  count: number,
  draws: number,
  repeats: number,
): Required<Draws> {
  const indices = new Int32Array(draws)
  const copies = new Int32Array(draws)
  const roundLength = count * repeats
  for (let round = 0; round * roundLength < draws; round++) {
    const order = permutation(round)
    const end = Math.min((round + 1) * roundLength, draws)
    for (let at = round * roundLength; at < end; at++) {
      const within = at - round * roundLength
      indices[at] = order[Math.floor(within / repeats)]!
      copies[at] = round * repeats + (within % repeats)
    }
  }
  return { indices, copies }
}

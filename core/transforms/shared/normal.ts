import type { Random } from './transform.ts'

/**
 * Two independent draws from the standard normal distribution, from two uniform ones.
 *
 * @source Box and Muller 1958
 */
export function normalPair(random: Random): [number, number] {
  const radius = Math.sqrt(-2 * Math.log(1 - random()))
  const angle = 2 * Math.PI * random()
  return [radius * Math.cos(angle), radius * Math.sin(angle)]
}

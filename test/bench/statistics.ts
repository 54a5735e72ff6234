/** Order statistics of a few measurements. */

export interface Spread {
  readonly lower: number
  readonly median: number
  readonly upper: number
}

/** Median and quartiles, with linear interpolation between the neighbours. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number): number => {
    const place = share * (sorted.length - 1)
    const low = Math.floor(place)
    const [a = NaN, b = a] = [sorted[low], sorted[Math.ceil(place)]]
    return a + (b - a) * (place - low)
  }
  return { lower: at(0.25), median: at(0.5), upper: at(0.75) }
}

/** As many decimals as say something about a time or a ratio. */
export function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
